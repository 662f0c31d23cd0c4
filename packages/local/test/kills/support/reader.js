// A process that reads threads again and again while others write them, and reports whatever it does not see as it must be.
import { setTimeout as pause } from "node:timers/promises";
import { isThreadStoreError } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import { report, stampsOf } from "../../support/report.js";

const store = openLocalThreadStore({ home: process.argv[2] });
/** What was acknowledged of each thread until now: its messages, and whether it is never archived. */
const acknowledged = new Map();
const seen = new Map();
const counts = { reads: 0, lists: 0, retries: 0 };
let isEnding = false;

process.on("message", (message) => {
  if (message.type === "end") isEnding = true;
  if (message.type !== "acknowledged") return;
  const known = acknowledged.get(message.threadId) ?? { stamps: [], isAlwaysActive: message.isAlwaysActive, name: 0 };
  known.stamps.push(...(message.stamps ?? []));
  known.name = Math.max(known.name, message.name ?? 0);
  acknowledged.set(message.threadId, known);
});

function wrong(what, threadId, detail) {
  report({ type: "wrong", what, threadId, detail });
}

function numberOf(name) {
  return Number((name ?? "name-0").slice("name-".length));
}

/** A file that is moved at this moment may be missed; the next read finds it. */
const RETRIES_MAX = 20;

async function settled(work) {
  for (let retry = 0; ; retry++) {
    try {
      return await work();
    } catch (error) {
      if (retry === RETRIES_MAX) throw error;
      if (isThreadStoreError(error, "thread_not_found")) wrong("hidden for a moment", error.threadId, error.message);
      else if (!isThreadStoreError(error, "unavailable")) throw error;
      counts.retries++;
    }
  }
}

/** Looks again when something is wrong: what is right by then was hidden for a moment. */
async function check(threadId, look) {
  const found = await look();
  if (found.length === 0) return;
  const again = await look();
  if (again.length === 0) wrong("hidden for a moment", threadId, found);
  for (const { what, detail } of again) wrong(what, threadId, detail);
}

async function lookForwards(threadId, { stamps }) {
  const found = [];
  const tell = (what, detail) => found.push({ what, detail });
  const count = stamps.length;
  const { items } = await settled(() => store.loadHistory({ threadId, includeArchived: true }));
  counts.reads++;
  const now = stampsOf(items);
  for (let at = 1; at < now.length; at++) {
    if (now[at - 1] >= now[at]) tell(now[at - 1] === now[at] ? "duplicated" : "reordered", [now[at - 1], now[at]]);
    if (items[at].ordinal <= items[at - 1].ordinal) tell("ordinals", at);
  }
  const present = new Set(now);
  const missing = stamps.slice(0, count).filter((stamp) => !present.has(stamp));
  if (missing.length > 0) tell("missing", missing);
  const before = seen.get(threadId) ?? [];
  const changed = before.findIndex((stamp, at) => stamp !== now[at]);
  if (changed >= 0) tell("changed", { at: changed, before: before[changed], now: now[changed] });
  else seen.set(threadId, now);
  return found;
}

async function lookBackwards(threadId) {
  const items = [];
  await settled(async () => {
    items.length = 0;
    const batches = store.readHistory({ threadId, includeArchived: true, direction: "desc", batchBytes: 4_096 });
    for await (const batch of batches) items.push(...batch.items);
  });
  const now = stampsOf(items.reverse());
  const before = seen.get(threadId) ?? [];
  const isSame = before.every((stamp, at) => stamp === now[at]);
  return isSame ? [] : [{ what: "backwards", detail: { before: before.length, now: now.length } }];
}

async function checkLists() {
  const active = [...acknowledged].filter(([, known]) => known.isAlwaysActive).map(([threadId]) => threadId);
  const names = new Map([...acknowledged].map(([threadId, { name }]) => [threadId, name]));
  const listed = await settled(() => store.listThreads({ sources: "all", pageSize: 1_000 }));
  counts.lists++;
  const rows = new Map(listed.data.map((thread) => [thread.threadId, thread]));
  if (rows.size !== listed.data.length) wrong("listed twice", "", listed.data.length - rows.size);
  for (const threadId of active) if (!rows.has(threadId)) wrong("hidden", threadId, rows.size);
  for (const [threadId, thread] of rows) {
    if (numberOf(thread.name) < (names.get(threadId) ?? 0)) wrong("name", threadId, [thread.name, names.get(threadId)]);
  }
}

report({ type: "ready" });
while (!isEnding) {
  try {
    for (const [threadId, known] of [...acknowledged]) {
      await check(threadId, () => lookForwards(threadId, known));
      if (counts.reads % 3 === 0) await check(threadId, () => lookBackwards(threadId));
      if (isEnding) break;
      await pause(2);
    }
    await checkLists();
  } catch (error) {
    wrong("failed", error.threadId, `${error.code} ${error.stack}`);
  }
  await pause(2);
}
report({ type: "counts", ...counts });
await store[Symbol.asyncDispose]();
process.disconnect();

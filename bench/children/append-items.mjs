// Appends to threads of a new home, beside a loop of awaited writes to bare files; the same lines, in the same process.
import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newThreadId } from "@threadstore/core";
import { countSyncs } from "../measure/count-syncs.mjs";
import { peakMemoryMb } from "../measure/peak-memory.mjs";

const syncs = countSyncs();
const { openLocalThreadStore } = await import("@threadstore/local");

const [threads, itemsPerThread, flush] = process.argv.slice(2).map(Number);
/** The first rounds run before the compiler of the engine has looked at the code. */
const WARM_UP_ROUNDS = 2;
const ROUNDS = 5;

/** An item as an agent's answer is: about 700 bytes. */
const ITEM = {
  type: "event_msg",
  payload: {
    type: "item_completed",
    turn_id: newThreadId(),
    item: { type: "AgentMessage", id: newThreadId(), content: [{ type: "Text", text: "An answer. ".repeat(50) }] },
  },
};
const JSON_TEXT = JSON.stringify(ITEM);

const home = mkdtempSync(join(process.env.THREADSTORE_BENCH_FOLDER ?? tmpdir(), "threadstore-append-"));
try {
  console.log("{}");
  const store = openLocalThreadStore({ home });
  const times = { ours: [], bare: [] };
  const syncCounts = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    times.bare.push(await timeBare(join(home, `bare-${round}`)));
    times.ours.push(await timeOurs(store, syncCounts));
  }
  await store[Symbol.asyncDispose]();
  const count = threads * itemsPerThread;
  const perItem = (values) => values.slice(WARM_UP_ROUNDS).map((ms) => (ms * 1_000) / count);
  const syncsPerItem = syncCounts.slice(WARM_UP_ROUNDS).map((syncCount) => syncCount / count);
  const figures = { oursUs: perItem(times.ours), bareUs: perItem(times.bare), syncsPerItem, memoryMb: peakMemoryMb() };
  console.log(JSON.stringify(figures));
} finally {
  rmSync(home, { recursive: true });
}

async function timeOurs(store, syncCounts) {
  const ids = Array.from({ length: threads }, newThreadId);
  for (const threadId of ids) await store.createThread({ threadId, metadata: birth() });
  for (const threadId of ids) await store.persistThread(threadId);
  const syncsBefore = syncs();
  const elapsedMs = await timeLoops(ids, async (threadId) => {
    await store.appendItems({ threadId, items: [{ json: JSON_TEXT }] });
    if (flush) await store.flushThread(threadId);
  });
  syncCounts.push(syncs() - syncsBefore);
  for (const threadId of ids) await store.shutdownThread(threadId);
  return elapsedMs;
}

async function timeBare(prefix) {
  const handles = await Promise.all(Array.from({ length: threads }, (_, at) => open(`${prefix}-${at}`, "a")));
  const elapsedMs = await timeLoops(handles, async (handle) => {
    const line = `{"timestamp":"${new Date().toISOString()}","ordinal":1,${JSON_TEXT.slice(1)}\n`;
    await handle.write(line);
    if (flush) await handle.datasync();
  });
  for (const handle of handles) await handle.close();
  return elapsedMs;
}

/** One loop a thread, all at once; each waits for its own append before the next. */
async function timeLoops(targets, append) {
  const startedMs = performance.now();
  const loop = async (target) => {
    for (let item = 0; item < itemsPerThread; item++) await append(target);
  };
  await Promise.all(targets.map(loop));
  return performance.now() - startedMs;
}

function birth() {
  return { cwd: "/bench", originator: "bench", cliVersion: "1.0.0", source: "cli", modelProvider: "bench" };
}

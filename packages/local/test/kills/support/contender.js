// A process that visits threads which others visit too: opens one, appends to it, reports what came of each append, and leaves.
import { setTimeout as pause } from "node:timers/promises";
import { isThreadStoreError } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import { messageOf, report, told } from "../../support/report.js";

const store = openLocalThreadStore({ home: process.argv[2], durability: "os" });
/** How often a thread is asked for that somebody else has, and an append that met another's look at the rollout is repeated. */
const ATTEMPTS_MAX = 200;

async function open({ threadId, isTakingOver }) {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    try {
      await store.resumeThread({ threadId, takeOver: isTakingOver });
      return true;
    } catch (error) {
      if (!isThreadStoreError(error, "conflict")) throw error;
      await pause(1);
    }
  }
  return false;
}

/** Appends once; says what came of it. An append that is unavailable is repeated: its key keeps it from being stored twice. */
async function append(threadId, text) {
  for (let attempt = 0; ; attempt++) {
    try {
      const { firstOrdinal } = await store.appendItems({ threadId, items: [messageOf(text)], idempotencyKey: text });
      report({ type: "acknowledged", threadId, text, ordinal: firstOrdinal });
      return true;
    } catch (error) {
      const { code } = error;
      report({ type: "refused", threadId, text, code });
      if (code !== "unavailable" || attempt === ATTEMPTS_MAX)
        return code === "conflict" ? false : Promise.reject(error);
      await pause(1);
    }
  }
}

async function visit({ threadId, isTakingOver, texts, isBurst }) {
  if (!(await open({ threadId, isTakingOver }))) return report({ type: "missed", threadId });
  report({ type: "opened", threadId, isTakingOver });
  if (isBurst) await Promise.all(texts.map((text) => append(threadId, text)));
  else for (const text of texts) if (!(await append(threadId, text))) break;
  await store.shutdownThread(threadId).catch((error) => {
    // Whoever took the thread over has closed it for us.
    if (!isThreadStoreError(error, "thread_not_found")) throw error;
  });
}

report({ type: "ready" });
const { visits } = await told();
try {
  for (const one of visits) await visit(one);
  await store[Symbol.asyncDispose]();
  report({ type: "over" });
} catch (error) {
  report({ type: "failed", error: `${error.code}: ${error.stack} ${error.cause?.stack ?? ""}` });
}
process.disconnect();

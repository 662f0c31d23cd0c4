// A process that appends to threads of a home as it is told, and sends what came of it.
import { closeSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isThreadStoreError } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";

const [home, task] = [process.argv[2], JSON.parse(process.argv[3])];
const { name, threadId } = task;
const store = openLocalThreadStore({ home });

/** How often a thread that somebody else writes is asked for; each holder has it for a moment. */
const ATTEMPTS_MAX = 5_000;

function appendNumbered(number) {
  const payload = { type: "message", role: "user", content: [{ type: "input_text", text: `${name}-${number}` }] };
  const items = [{ type: "response_item", payload }];
  return store.appendItems({ threadId, items, idempotencyKey: `${name}-${number}` });
}

/** Opens the thread, as soon as nobody else has it; returns how often somebody had. */
async function resume() {
  for (let conflicts = 0; conflicts < ATTEMPTS_MAX; conflicts++) {
    try {
      await store.resumeThread({ threadId });
      return conflicts;
    } catch (error) {
      if (!isThreadStoreError(error, "conflict")) throw error;
      await pause(1);
    }
  }
  throw new Error(`${name} never got thread ${threadId}`);
}

const tasks = {
  /** Writes a thread of its own. */
  async own() {
    const metadata = { cwd: "/", originator: name, cliVersion: "1", source: "cli", modelProvider: "p" };
    await store.createThread({ threadId, metadata });
    const results = await Promise.all(Array.from({ length: task.appends }, (_, number) => appendNumbered(number)));
    await store.shutdownThread(threadId);
    return { ordinals: results.map((result) => result.firstOrdinal) };
  },

  /** Takes turns with others in writing one thread. A file stands for the right to write it: nobody else may have made it. */
  async turns() {
    const ordinals = [];
    let conflicts = 0;
    for (let turn = 0; turn < task.turns; turn++) {
      conflicts += await resume();
      const witness = join(home, "witness");
      closeSync(openSync(witness, "wx"));
      for (let at = 0; at < task.appends; at++) {
        ordinals.push((await appendNumbered(turn * task.appends + at)).firstOrdinal);
      }
      rmSync(witness);
      await store.shutdownThread(threadId);
    }
    return { ordinals, conflicts };
  },

  /** Appends and tells of each append, until it is killed or refused. */
  async forever() {
    await store.resumeThread({ threadId });
    for (let number = 0; ; number++) {
      try {
        const { firstOrdinal } = await appendNumbered(number);
        process.send({ number, ordinal: firstOrdinal });
      } catch (error) {
        return { code: error.code };
      }
    }
  },
};

const outcome = await tasks[task.type]();
await store[Symbol.asyncDispose]();
process.send({ outcome });
process.disconnect();

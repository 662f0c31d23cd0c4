// A process that locks a file, or opens a thread and appends to it, and can be stopped meanwhile.
import { isThreadStoreError } from "@threadstore/core";
import { nodeFileSystem, openLocalThreadStore } from "@threadstore/local";
import { messageOf, report, told } from "../../support/report.js";

const [home, task] = [process.argv[2], JSON.parse(process.argv[3])];

const tasks = {
  /** Holds the lock of a file until it is told to let go. */
  async lock({ path, kind }) {
    const file = nodeFileSystem.openToAppend(`${home}/${path}`, "either");
    report({ type: "holding", isLocked: file.tryLock(kind) });
    await told();
    file.close();
    report({ type: "over" });
  },

  /** Has a thread open; appends each text that it is told, and says what came of it. */
  async live({ threadId }) {
    const store = openLocalThreadStore({ home });
    await store.resumeThread({ threadId });
    report({ type: "holding", isLocked: true });
    for (;;) {
      const { text } = await told();
      if (text === undefined) break;
      await appendTo(store, threadId, text);
    }
    await store[Symbol.asyncDispose]();
    report({ type: "over" });
  },

  /** Appends again and again, until it is refused. */
  async busy({ threadId, name }) {
    const store = openLocalThreadStore({ home, durability: "os" });
    await store.resumeThread({ threadId });
    report({ type: "holding", isLocked: true });
    for (let number = 0; ; number++) {
      if (!(await appendTo(store, threadId, `${name}-${String(number).padStart(6, "0")}`))) break;
    }
    await store[Symbol.asyncDispose]();
    report({ type: "over" });
  },
};

async function appendTo(store, threadId, text) {
  try {
    const { firstOrdinal } = await store.appendItems({ threadId, items: [messageOf(text)], idempotencyKey: text });
    report({ type: "acknowledged", text, ordinal: firstOrdinal });
    return true;
  } catch (error) {
    if (!isThreadStoreError(error)) throw error;
    report({ type: "refused", text, code: error.code });
    return false;
  }
}

await tasks[task.type](task);
process.disconnect();

// A process that reads a whole home, then does with its threads what it is told, and reports each step before the next one.
import { openLocalThreadStore } from "@threadstore/local";
import { messageOf, report, stampsOf, told } from "../../support/report.js";
import { dyingFiles } from "./dying-files.js";

const METADATA = { cwd: "/", originator: "test", cliVersion: "1", source: "cli", modelProvider: "p" };
const [home, durability, crash] = process.argv.slice(2);
const store = openLocalThreadStore({ home, durability, files: dyingFiles(JSON.parse(crash ?? "null")) });

async function readAll() {
  const pages = [];
  for (const archived of [false, true])
    pages.push(await store.listThreads({ sources: "all", pageSize: 1_000, archived }));
  const threads = [];
  for (const [at, { data }] of pages.entries()) {
    for (const { threadId, name } of data) {
      const { items } = await store.loadHistory({ threadId, includeArchived: true });
      const isInOrder = items.every((item, place) => place === 0 || item.ordinal > items[place - 1].ordinal);
      threads.push({ threadId, isArchived: at === 1, name: name ?? null, stamps: stampsOf(items), isInOrder });
    }
  }
  return threads;
}

async function append(step) {
  const appending = step.appends.map(async ({ key, texts }, at) => {
    const items = texts.map(messageOf);
    const { repeated } = await store.appendItems({ threadId: step.threadId, items, idempotencyKey: key });
    report({ type: "acknowledged", at: step.at, append: at, repeated });
  });
  await Promise.all(appending);
}

const steps = {
  append,
  create: ({ threadId, historyMode }) => store.createThread({ threadId, historyMode, metadata: METADATA }),
  resume: ({ threadId }) => store.resumeThread({ threadId }),
  shutdown: ({ threadId }) => store.shutdownThread(threadId),
  flush: ({ threadId }) => store.flushThread(threadId),
  fork: ({ threadId, from }) => store.createThread({ threadId, fork: { from }, metadata: METADATA }),
  archive: ({ threadId }) => store.archiveThread({ threadId }),
  unarchive: ({ threadId }) => store.unarchiveThread({ threadId }),
  rename: ({ threadId, name }) => store.updateThreadMetadata({ threadId, patch: { name } }),
  remember: ({ threadId, memoryMode }) => store.updateThreadMetadata({ threadId, patch: { memoryMode } }),
};

try {
  await told();
  report({ type: "read", threads: await readAll() });
  const { plan } = await told();
  for (const step of plan) {
    report({ type: "begun", at: step.at });
    await steps[step.type](step);
    report({ type: "done", at: step.at });
  }
  report({ type: "over" });
} catch (error) {
  report({ type: "failed", code: error.code, error: `${error.code}: ${error.stack} ${error.cause?.stack ?? ""}` });
}

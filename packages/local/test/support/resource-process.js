// A process that uses a store as it is told, and reports what it holds before, meanwhile and after it was closed.
import { createHook } from "node:async_hooks";
import * as fs from "node:fs";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { nodeFileSystem, openLocalThreadStore } from "@threadstore/local";
import { messageOf, report } from "./report.js";

const [home, task, longThreadId] = process.argv.slice(2);
const METADATA = { cwd: "/", originator: "test", cliVersion: "1", source: "cli", modelProvider: "p" };
const IDS = Array.from({ length: 6 }, (_, at) => `01900000-0000-7000-8000-${String(at + 1).padStart(12, "0")}`);
/** What was closed is gone after some turns of the event loop; whatever is left then stays. */
const TURNS_MAX = 100;

/** The event loop's own: they come and go with whatever it does next. */
const ITS_OWN = ["loop", "timer", "idle"];

/** Timers that were made and neither came nor were cleared. */
const timers = new Set();
const hook = createHook({
  init: (id, type) => type === "Timeout" && timers.add(id),
  destroy: (id) => timers.delete(id),
});

process.report.excludeNetwork = true;
setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");

/** What keeps the process alive; whatever else the event loop and other threads have; timers; open files of the home. */
function resources() {
  const { libuv, workers } = process.report.getReport();
  const handles = libuv.filter((handle) => handle.is_active && !ITS_OWN.includes(handle.type));
  return {
    alive: process.getActiveResourcesInfo().sort(),
    handles: handles.map(({ type }) => type).sort(),
    timers: timers.size,
    workers: workers.length,
    files: openFiles(),
  };
}

/** What is left when everything that ended is gone. The SQLite binding keeps files until its statements are collected. */
async function settledResources() {
  collectGarbage();
  for (let turn = 0; turn < TURNS_MAX; turn++) await setImmediate();
  return resources();
}

function openFiles() {
  if (process.platform !== "linux") return [];
  const paths = fs.readdirSync("/proc/self/fd").map((fd) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // The folder itself was open while it was read.
      return "";
    }
  });
  return paths.filter((path) => path.startsWith(home)).map((path) => path.slice(home.length));
}

async function appendAll(store) {
  await Promise.all(IDS.map((threadId) => store.appendItems({ threadId, items: [messageOf("text")] })));
  await Promise.all(IDS.map((threadId) => store.flushThread(threadId)));
}

async function refused(files) {
  let store;
  try {
    store = openLocalThreadStore({ home, files: { ...nodeFileSystem, ...files } });
    await store.listThreads({ sources: "all" });
    return "no error";
  } catch (error) {
    return error.code;
  } finally {
    await store?.[Symbol.asyncDispose]();
  }
}

function denied(path) {
  throw Object.assign(new Error(`EACCES: permission denied, '${path}'`), { code: "EACCES", errno: -13 });
}

const tasks = {
  /** Everything that takes a file, a timer, a worker or a watch. */
  async use() {
    const store = openLocalThreadStore({ home });
    const changes = [];
    const watching = (async () => {
      for await (const change of store.watchThreads({})) changes.push(change);
    })();
    for (const threadId of IDS) await store.createThread({ threadId, metadata: METADATA });
    for (let round = 0; round < 3; round++) await appendAll(store);
    await store.shutdownThread(IDS[0]);
    await store.archiveThread({ threadId: IDS[0] });
    await store.listThreads({ sources: "all" });
    await store.loadHistory({ threadId: IDS[1] });
    await store.listTurns({ threadId: longThreadId, pageSize: 1 });
    while (resources().workers === 0) await setImmediate();
    report({ type: "meanwhile", held: resources() });
    await store[Symbol.asyncDispose]();
    await watching;
    return changes.length > 0;
  },

  /** A watch that waits for its first change, and turns that wait to be indexed, when the store is closed. */
  async watch() {
    const store = openLocalThreadStore({ home });
    const next = store.watchThreads({})[Symbol.asyncIterator]().next();
    await store.listTurns({ threadId: longThreadId, pageSize: 1 });
    report({ type: "meanwhile", held: resources() });
    await store[Symbol.asyncDispose]();
    return (await next).done;
  },

  /** Homes that cannot be opened or read. */
  async fail() {
    return [
      await refused({ realPath: denied }),
      await refused({ realPath: () => null }),
      await refused({ readDirectory: denied }),
      await refused({ openToRead: denied }),
    ];
  },
};

// A worker opens them for its own output, and they stay.
void [process.stdout, process.stderr];
hook.enable();
report({ type: "before", held: await settledResources() });
report({ type: "outcome", outcome: await tasks[task]() });
report({ type: "after", held: await settledResources() });
process.disconnect();

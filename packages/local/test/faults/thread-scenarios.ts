import { METADATA } from "../support/written-home.js";
import { A, B, compress, DAY_MS, rolloutOf, type Scenario, writeSegments, writeThread } from "./scenario.js";

/** What happens to whole threads, and to what is known of them. */
export const THREAD_SCENARIOS: readonly Scenario[] = [
  {
    name: "archive and unarchive",
    prepare: (run) => writeSegments(run, A),
    work: async (run) => {
      await run.archive(A);
      await run.unarchive(A);
      await run.archive(A);
      await run.resume(A);
      await run.append(A, ["archived"]);
      await run.shutdown(A);
    },
  },
  {
    name: "delete",
    prepare: async (run) => {
      await writeSegments(run, A);
      await run.update(A, { name: "a name" }, { name: "a name" });
      await writeThread(run, B);
      await run.archive(B);
    },
    work: async (run) => {
      await run.delete(A);
      await run.delete(B);
      run.clock.advance(DAY_MS);
      await run.create(A);
      await run.append(A, ["anew"], { key: "key" });
      await run.shutdown(A);
    },
  },
  {
    name: "refuse to delete what a fork needs",
    prepare: async (run) => {
      await writeThread(run, A);
      await run.fork(B, A);
      await run.append(B, ["own"]);
    },
    work: async (run) => {
      await run.refused("conflict", (store) => store.deleteThread({ threadId: A }));
      await run.refused("conflict", (store) => store.createThread({ threadId: A, metadata: METADATA }));
    },
  },
  {
    name: "change the metadata of a paginated thread",
    prepare: (run) => writeThread(run, A),
    work: async (run) => {
      await run.update(A, { name: "first name" }, { name: "first name" });
      await run.update(A, { model: "m1", memoryMode: "disabled" }, { model: "m1", memoryMode: "disabled" });
      await run.update(A, { name: null, gitInfo: { branch: "main" } }, { name: undefined, branch: "main" });
      await run.create(B);
      await run.update(B, { name: "early" }, { name: "early" });
      await run.append(B, ["one"]);
      await run.shutdown(B);
    },
  },
  {
    name: "change the metadata of a legacy thread",
    prepare: (run) => writeThread(run, A, "legacy"),
    work: async (run) => {
      await run.update(A, { memoryMode: "disabled" }, { memoryMode: "disabled" });
      await run.resume(A);
      await run.update(A, { gitInfo: { branch: "main" } }, { branch: "main" });
      await run.append(A, ["four"]);
      await run.update(A, { name: "a name" }, { name: "a name" });
      await run.shutdown(A);
    },
  },
  {
    name: "make the metadata journal anew",
    prepare: async (run) => {
      await writeThread(run, A);
      await writeThread(run, B);
      await run.update(A, { model: "m0" }, { model: "m0" });
      await run.update(B, { model: "kept" }, { model: "kept" });
      for (let at = 0; at < 11; at++) await run.update(A, { approvalMode: "x".repeat(100_000) }, {});
    },
    work: async (run) => {
      await run.update(A, { model: "m1", approvalMode: "short" }, { model: "m1" });
      await run.update(B, { name: "b" }, { name: "b" });
    },
  },
  {
    name: "spawn and set edges",
    prepare: (run) => writeThread(run, A),
    work: async (run) => {
      await run.create(B, { spawn: { parentThreadId: A } });
      await run.append(B, ["one"]);
      await run.flush(B);
      run.confirmSpawn(A, B);
      await run.setEdge(A, B, "closed");
      await run.shutdown(B);
      await run.setEdge(A, B, "open");
    },
  },
  {
    name: "restore a compressed rollout",
    prepare: async (run, disk) => {
      await writeThread(run, A);
      compress(disk, rolloutOf(disk, A));
    },
    work: async (run) => {
      await run.resume(A);
      await run.append(A, ["four"]);
      await run.flush(A);
      await run.append(A, ["five"]);
      await run.shutdown(A);
    },
  },
  {
    name: "take a thread over",
    prepare: (run) => writeThread(run, A),
    work: async (run) => {
      await run.resume(A);
      await run.append(A, ["four"]);
      run.switchTo("second");
      await run.refused("conflict", (store) => store.resumeThread({ threadId: A }));
      await run.resume(A, { takeOver: true });
      run.switchTo("first");
      await run.refusedAppend(A, "conflict", "too late");
      await run.discard(A);
      run.switchTo("second");
      await run.append(A, ["five"]);
      await run.shutdown(A);
    },
  },
];

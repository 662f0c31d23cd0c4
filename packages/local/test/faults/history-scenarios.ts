import { A, B, C, DAY_MS, rolloutOf, type Scenario, tear, writeThread } from "./scenario.js";

/** How histories are written, forked and reverted. */
export const HISTORY_SCENARIOS: readonly Scenario[] = [
  {
    name: "create lazily, append, shut down",
    work: async (run) => {
      await run.create(A);
      await run.append(A, ["one"]);
      await run.append(A, ["two", "three"]);
      await run.flush(A);
      await run.append(A, ["four"]);
      await run.shutdown(A);
    },
  },
  {
    name: "create and persist, discard",
    work: async (run) => {
      await run.create(A);
      await run.persist(A);
      await run.flush(A);
      await run.append(A, ["one"]);
      await run.discard(A);
      await run.create(B);
      await run.discard(B);
    },
  },
  {
    name: "append with keys",
    work: async (run) => {
      await run.create(A);
      await run.append(A, ["one"], { key: "first" });
      await run.append(A, ["two", "three"], { key: "second" });
      await run.flush(A);
      await run.repeat(A, "first");
      await run.append(A, ["four"], { key: "third" });
      await run.shutdown(A);
      await run.resume(A);
      await run.repeat(A, "second");
      await run.append(A, ["five"], { key: "fourth" });
      await run.flush(A);
    },
  },
  {
    name: "append with keys before a flush",
    prepare: async (run) => {
      await run.create(A);
      await run.append(A, ["zero"], { key: "zero" });
      await run.shutdown(A);
    },
    work: async (run) => {
      await run.resume(A);
      for (const text of ["one", "two", "three"]) await run.append(A, [text], { key: text });
      await run.discard(A);
    },
  },
  {
    name: "append to a legacy thread",
    work: async (run) => {
      await run.create(A, { historyMode: "legacy" });
      await run.append(A, ["one", "two"]);
      await run.flush(A);
      await run.append(A, ["three"]);
      await run.shutdown(A);
    },
  },
  {
    name: "resume after a torn tail",
    prepare: async (run, disk) => {
      for (const [id, historyMode] of [
        [A, "paginated"],
        [B, "legacy"],
      ] as const) {
        await run.create(id, { historyMode });
        await run.append(id, ["one", "two"]);
        await run.shutdown(id);
        tear(disk, rolloutOf(disk, id));
      }
    },
    work: async (run) => {
      for (const id of [A, B]) {
        await run.resume(id);
        await run.append(id, ["three"]);
        await run.append(id, ["four", "five"], { key: "key" });
        await run.shutdown(id);
      }
    },
  },
  {
    name: "fork by reference",
    prepare: (run) => writeThread(run, A),
    work: async (run) => {
      await run.resume(A);
      await run.append(A, ["four"]);
      await run.fork(B, A, 2);
      await run.append(B, ["own"]);
      await run.append(A, ["five"]);
      await run.fork(C, A);
      await run.flush(B);
      await run.shutdown(C);
    },
  },
  {
    name: "fork by copy",
    prepare: (run) => writeThread(run, A, "legacy"),
    work: async (run) => {
      await run.fork(B, A, 2);
      await run.append(B, ["own"]);
      await run.flush(B);
      await run.fork(C, A);
      await run.shutdown(C);
    },
  },
  {
    name: "flush one of two new threads",
    work: async (run) => {
      await run.create(A);
      await run.append(A, ["one"]);
      await run.create(B);
      await run.append(B, ["one"]);
      await run.flush(B);
    },
  },
  {
    name: "several threads at once",
    work: async (run) => {
      const all = [A, B, C];
      for (const id of all) await run.create(id);
      await Promise.all(all.flatMap((id) => [run.append(id, ["one"]), run.append(id, ["two"], { key: "two" })]));
      const flushes = all.map((id) => run.flush(id));
      await run.append(A, ["while it is flushed"]);
      await Promise.all(flushes);
      await Promise.all([run.flush(A), run.append(B, ["three"]), run.shutdown(C)]);
    },
  },
  {
    name: "fork a fork that was not flushed",
    work: async (run) => {
      await run.create(A);
      await run.append(A, ["one", "two"]);
      await run.fork(B, A);
      await run.append(B, ["three"]);
      await run.fork(C, B);
      await run.append(C, ["four"]);
      await run.flush(C);
    },
  },
  {
    name: "fork on another day",
    work: async (run) => {
      await run.create(A);
      await run.append(A, ["one", "two"]);
      run.clock.advance(DAY_MS);
      await run.fork(B, A);
      await run.append(B, ["three"]);
      await run.flush(B);
    },
  },
  {
    name: "revert",
    prepare: (run) => writeThread(run, A),
    work: async (run) => {
      await run.resume(A);
      await run.append(A, ["four"]);
      await run.revert(A, 2);
      await run.append(A, ["five"]);
      await run.flush(A);
      await run.revert(A, 1);
      await run.append(A, ["six"]);
      await run.shutdown(A);
    },
  },
  {
    name: "revert twice before a flush",
    work: async (run) => {
      await run.create(A);
      await run.append(A, ["one", "two"]);
      await run.revert(A, 1);
      await run.append(A, ["three", "four"]);
      await run.revert(A, 2);
      await run.append(A, ["five"]);
      await run.flush(A);
    },
  },
  {
    name: "make the keys of a thread anew",
    prepare: async (run) => {
      await run.create(A);
      const keys = Array.from({ length: 1_998 }, (_one, at) => `key ${at}`);
      await run.appendTogether(A, keys);
      // Only the items of the last batch are looked for when the keys are read.
      await run.append(A, ["last"], { key: "last" });
      await run.shutdown(A);
    },
    work: async (run) => {
      await run.resume(A);
      await run.append(A, ["one"], { key: "one" });
      await run.append(A, ["two"], { key: "two" });
      await run.flush(A);
      await run.append(A, ["three"], { key: "three" });
      await run.repeat(A, "two");
      await run.shutdown(A);
    },
  },
];

import { runChild } from "./measure/run-child.mjs";

/** Appends from one process: each item awaited, as an agent does it. */
const WORKS = [
  { work: "append, 1 thread", args: [1, 20_000, 0], baseline: "awaited FileHandle.write", mostRatio: 1 },
  { work: "append, 16 threads", args: [16, 2_000, 0], baseline: "awaited FileHandle.write", mostRatio: 1 },
  { work: "append, 256 threads", args: [256, 100, 0], baseline: "awaited FileHandle.write" },
  { work: "append + flush, 1 thread", args: [1, 1_000, 1], baseline: "write + fdatasync", mostRatio: 1 / 0.9 },
  { work: "append + flush, 256 threads", args: [256, 60, 1], baseline: "write + fdatasync", mostRatio: 1 / 8 },
];

const MEMORY_TARGET_MB = 200;

/** Appends of items one by one, and what a flush after each costs. */
export const appendBench = {
  name: "append",
  about: "appends and flushes of 1, 16 and 256 threads in one process, beside bare writes",
  needsHome: false,

  /** @returns {Promise<import("./report/summarize-row.mjs").MeasuredRow[]>} */
  async measure({ runs, onProgress }) {
    const samples = WORKS.map(() => []);
    for (let run = 0; run < runs; run++) {
      onProgress(`run ${run + 1} of ${runs}`);
      for (const [at, { args }] of WORKS.entries()) samples[at].push(await runChild("append-items.mjs", args));
    }
    const rows = WORKS.map(({ work, baseline, mostRatio }, at) => ({
      work,
      unit: "us/item",
      values: samples[at].flatMap((run) => run.figures.oursUs),
      baseline: { name: baseline, values: samples[at].flatMap((run) => run.figures.bareUs) },
      ...(mostRatio === undefined ? {} : { mostRatio }),
    }));
    const memory = WORKS.map(({ work }, at) => ({
      work: `peak memory: ${work}`,
      unit: "MB",
      values: samples[at].map((run) => run.figures.memoryMb),
      target: MEMORY_TARGET_MB,
    }));
    const syncs = WORKS.map(({ work }, at) => ({
      work: `syncs: ${work}`,
      unit: "an item",
      values: samples[at].flatMap((run) => run.figures.syncsPerItem),
    }));
    return [...rows, ...syncs, ...memory];
  },
};

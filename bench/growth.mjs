import { cpSync, rmSync } from "node:fs";
import { ensureGrowthHome } from "./home/ensure-home.mjs";
import { repeat } from "./measure/repeat.mjs";
import { runChild } from "./measure/run-child.mjs";

/** A page of the longest thread beside the same one of the shortest. */
const MOST_RATIO = 1.5;
const MEMORY_TARGET_MB = 200;

const PAGES = {
  end: "page of 20 turns, at the end",
  middle: "page of 20 turns, in the middle, through a cursor",
  anywhere: "page of 20 turns, all over the thread, through cursors",
};
const APPENDS = {
  openMs: "opening the writer",
  appendMs: "append of a turn",
  pageMs: "page of 20 turns after each append",
};

/** Whether pages and appends of a thread cost more as it grows. */
export const growthBench = {
  name: "growth",
  about: "pages and appends of threads of 1,000 to 1,000,000 items, on a home of its own",
  needsHome: false,

  /** @returns {Promise<import("./report/summarize-row.mjs").MeasuredRow[]>} */
  async measure({ runs, onProgress }) {
    const kept = await ensureGrowthHome({ onProgress });
    const { threads } = kept.description;
    const samples = await repeat(runs, onProgress, () => measureOnce(kept.path, threads));
    return [
      ...Object.keys(PAGES).flatMap((place) => pageRows(place, { threads, samples })),
      ...Object.keys(APPENDS).flatMap((step) => appendRows(step, { threads, samples })),
      ...memoryRows(threads, samples),
    ];
  },
};

/** Threads are appended to, so this works on a copy of the home. */
async function measureOnce(kept, threads) {
  const home = `${kept}.${process.pid}.copy`;
  try {
    cpSync(kept, home, { recursive: true });
    await runChild("index-turns.mjs", [home]);
    const sample = [];
    for (const { threadId, lines } of threads) {
      const pages = await runChild("growing-pages.mjs", [home, threadId, lines]);
      const appends = await runChild("append-turns.mjs", [home, threadId]);
      sample.push({ pages: pages.figures, appends: appends.figures });
    }
    return sample;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function pageRows(place, { threads, samples }) {
  return growthRows(PAGES[place], { threads, samples, figureOf: ({ pages }) => pages.timesMs[place] });
}

function appendRows(step, { threads, samples }) {
  return growthRows(APPENDS[step], { threads, samples, figureOf: ({ appends }) => appends[step] });
}

/** The baseline of every thread is the shortest one. */
function growthRows(work, { threads, samples, figureOf }) {
  const [least, ...more] = threads.map(({ items }, at) => ({
    work: `${work}: ${items.toLocaleString("en")} items`,
    unit: "ms",
    values: samples.map((run) => figureOf(run[at])),
  }));
  const baseline = { name: `${threads[0].items.toLocaleString("en")} items`, values: least.values };
  return [least, ...more.map((row) => ({ ...row, baseline, mostRatio: MOST_RATIO }))];
}

function memoryRows(threads, samples) {
  const longest = threads.length - 1;
  const title = `peak memory, ${threads[longest].items.toLocaleString("en")} items`;
  return Object.entries({ pages: "pages", appends: "appends" }).map(([name, work]) => ({
    work: `${title}: ${work}`,
    unit: "MB",
    values: samples.map((run) => run[longest][name].memoryMb),
    baseline: {
      name: `${threads[0].items.toLocaleString("en")} items`,
      values: samples.map((run) => run[0][name].memoryMb),
    },
    target: MEMORY_TARGET_MB,
  }));
}

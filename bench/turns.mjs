import { forgetIndex } from "./home/bench-index.mjs";
import { bigThreads } from "./home/big-threads.mjs";
import { measureCodexTurns } from "./measure/codex-app-server.mjs";
import { repeat } from "./measure/repeat.mjs";
import { runChild } from "./measure/run-child.mjs";

const TARGETS = { firstPageMs: 20, legacyMostRatio: 2.5, memoryMb: 200 };

/** What is asked for of indexed threads, page by page through the cursor of the page before. */
const PAGES = {
  summary: { work: "later page of 20 turns, summary", target: 1 },
  full: { work: "later page of 20 turns, full", target: 2 },
  items: { work: "later page of 50 items" },
};

/** Pages of the turns and items of threads of hundreds of megabytes, before and after their turns are indexed. */
export const turnsBench = {
  name: "turns",
  about: "pages of turns and items of 300 MB threads: the first without an index, later ones, peak memory",
  needsHome: true,

  /** @returns {Promise<import("./report/summarize-row.mjs").MeasuredRow[]>} */
  async measure({ home, runs, onProgress }) {
    const threads = bigThreads(home);
    const samples = await repeat(runs, onProgress, () => measureOnce(home, threads));
    const codex = await measureCodexTurns(threads, { onProgress });
    return threads.flatMap(({ mode }) => {
      const ofMode = samples.map((sample) => sample[mode]);
      return [
        ...(mode === "legacy" ? firstLegacyRows(ofMode) : firstPaginatedRows(ofMode)),
        ...pageRows(mode, ofMode),
        ...codexRows(mode, { samples: ofMode, figures: codex?.[mode] ?? {} }),
        ...memoryRows(mode, ofMode),
        ...baseRows(mode, ofMode),
      ];
    });
  },
};

/** One of everything, in turn, so that what else the machine does in a while falls on all rows alike. */
async function measureOnce({ path: home, description }, threads) {
  forgetIndex(home);
  // After this the threads of the home are known, and nothing of their turns.
  await runChild("first-page.mjs", [home]);
  const sample = {};
  for (const { mode, threadId, file } of threads) {
    const first = await runChild("first-turns.mjs", [home, threadId]);
    // A page of a paginated thread is read from its end, so the big one is still not indexed.
    const isFirstStill = mode === "paginated";
    const warm = isFirstStill ? await runChild("first-turns.mjs", [home, threadId, ...description.threadIds]) : null;
    await runChild("index-turns.mjs", [home, threadId]);
    sample[mode] = {
      first,
      warm,
      indexed: await runChild("first-turns.mjs", [home, threadId]),
      pages: await runChild("turn-pages.mjs", [home, threadId]),
      count: await runChild("read-and-count.mjs", [file]),
      parse: await runChild("read-and-parse.mjs", [file]),
    };
  }
  return sample;
}

function firstPaginatedRows(samples) {
  const work = "paginated, never indexed: first page of 20 turns";
  const row = { unit: "ms", baseline: parseOf(samples), target: TARGETS.firstPageMs };
  return [
    { ...row, work: `${work}, process at work`, values: timesOf(samples, "warm") },
    { ...row, work: `${work}, new process`, values: timesOf(samples, "first") },
    { ...row, work: "paginated, indexed: first page of 20 turns, new process", values: timesOf(samples, "indexed") },
  ];
}

/** The ids of legacy turns and items count what came before, so all of the thread is read once. */
function firstLegacyRows(samples) {
  const work = "legacy, never indexed: first page of 20 turns, new process";
  const count = { name: "read + newline count", values: timesOf(samples, "count") };
  const first = { unit: "ms", work, values: timesOf(samples, "first") };
  const again = {
    unit: "ms",
    work: "legacy, indexed by that: the same once more",
    values: timesOf(samples, "indexed"),
  };
  return [
    { ...first, baseline: count, mostRatio: TARGETS.legacyMostRatio },
    { ...again, baseline: parseOf(samples), target: TARGETS.firstPageMs },
  ];
}

function parseOf(samples) {
  return { name: "read + JSON.parse", values: timesOf(samples, "parse") };
}

function timesOf(samples, name) {
  return samples.map((run) => run[name].figures.timeMs);
}

function pageRows(mode, samples) {
  const newest = samples.map((run) => run.pages.figures.newestMs);
  return [
    ...Object.keys(samples[0].pages.figures.pages).flatMap((page) => pageRowsOf(mode, { page, samples })),
    { work: `${mode}: newest 20 turns, having looked at the folders, p50`, unit: "ms", values: newest },
  ];
}

function pageRowsOf(mode, { page, samples }) {
  const [kind, direction] = page.split(" ");
  const { work, target } = PAGES[kind];
  const figures = (name) => samples.map((run) => run.pages.figures.pages[page][name]);
  const row = { unit: "ms", baseline: { name: "JSON.parse of a page", values: figures("parseMs") } };
  return [
    { ...row, work: `${mode}: ${work}, ${direction}, p50`, values: figures("p50Ms"), ...(target ? { target } : {}) },
    { ...row, work: `${mode}: ${work}, ${direction}, p95`, values: figures("p95Ms") },
  ];
}

/** Measured once, because its first page takes half a minute. The ratio is how many times as long as ours it takes. */
function codexRows(mode, { samples, figures: { firstMs, pagesMs = {}, memoryMb } }) {
  if (firstMs === undefined) return [];
  const first = { work: `Codex, ${mode}, never indexed: first page of 20 turns`, unit: "ms", values: [firstMs] };
  const pages = Object.entries(pagesMs).map(([kind, ms]) => ({
    work: `Codex, ${mode}: ${PAGES[kind].work}, desc, p50`,
    unit: "ms",
    values: [ms],
    baseline: { name: "ours", values: samples.map((run) => run.pages.figures.pages[`${kind} desc`].p50Ms) },
  }));
  return [
    { ...first, baseline: { name: "ours", values: timesOf(samples, "first") } },
    ...pages,
    { work: `Codex, ${mode}, peak memory`, unit: "MB", values: [memoryMb] },
  ];
}

function memoryRows(mode, samples) {
  const works = { first: "first page, never indexed", indexed: "first page, indexed", pages: "later pages" };
  const baseline = { name: "read + newline count", values: samples.map((run) => run.count.figures.memoryMb) };
  return Object.entries(works).map(([name, work]) => ({
    work: `${mode}, peak memory: ${work}`,
    unit: "MB",
    values: samples.map((run) => run[name].figures.memoryMb),
    baseline,
    target: TARGETS.memoryMb,
  }));
}

/** What the others are compared with, so that a slow machine can be told from slow code. */
function baseRows(mode, samples) {
  return [
    { work: `baseline: read + newline count, ${mode}`, unit: "ms", values: timesOf(samples, "count") },
    { work: `baseline: read + JSON.parse, ${mode}`, unit: "ms", values: timesOf(samples, "parse") },
  ];
}

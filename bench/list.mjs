import { forgetIndex } from "./home/bench-index.mjs";
import { needleOf } from "./home/generate-home.mjs";
import { repeat } from "./measure/repeat.mjs";
import { runChild } from "./measure/run-child.mjs";

/** Lists search in names and previews, and in a generated home a preview is the first question. */
const SEARCHES = [
  { name: "in one thread", termOf: ({ parameters }) => needleOf(parameters.threads >> 1) },
  { name: "in none", termOf: () => "in none of them" },
  { name: "in all", termOf: () => "question" },
];

const TARGETS = { coldMs: 1_000, restartMs: 200, pageMs: 1, searchMs: 5, memoryMb: 200 };

/** Lists of threads: cold, after a restart, warm, with a search term; and the memory that each takes. */
export const listBench = {
  name: "list",
  about: "first page without an index and after a restart, warm pages in every order, search terms, peak memory",
  needsHome: true,

  /** @returns {Promise<import("./report/summarize-row.mjs").MeasuredRow[]>} */
  async measure({ home, runs, onProgress }) {
    const samples = await repeat(runs, onProgress, () => measureOnce(home));
    return [
      ...startRows(samples),
      ...pageRows(samples),
      ...searchRows(samples),
      ...memoryRows(samples),
      ...baseRows(samples),
    ];
  },
};

/** One of everything, in turn, so that what else the machine does in a while falls on all rows alike. */
async function measureOnce({ path: home, description }) {
  forgetIndex(home);
  return {
    cold: await runChild("first-page.mjs", [home]),
    restart: await runChild("first-page.mjs", [home]),
    pages: await runChild("warm-pages.mjs", [home]),
    searches: await runChild("warm-searches.mjs", [home, ...SEARCHES.map(({ termOf }) => termOf(description))]),
    read: await runChild("read-and-count.mjs", [home]),
    stat: await runChild("stat-files.mjs", [home]),
    start: await runChild("start.mjs"),
  };
}

function startRows(samples) {
  const read = timesOf(samples, "read", "read + newline count");
  const stat = timesOf(samples, "stat", "find + stat of all files");
  const rows = [
    { name: "cold", work: "no index -> first page", baseline: read, target: TARGETS.coldMs },
    { name: "restart", work: "restart with the index -> first page", baseline: stat, target: TARGETS.restartMs },
  ];
  return rows.flatMap(({ name, work, baseline, target }) => [
    { work: `${work}, from spawn`, unit: "ms", values: samples.map((run) => run[name].firstLineMs), baseline, target },
    { work: `${work}, in process`, unit: "ms", values: samples.map((run) => run[name].figures.timeMs), baseline },
  ]);
}

function timesOf(samples, name, title) {
  return { name: title, values: samples.map((run) => run[name].figures.timeMs) };
}

function pageRows(samples) {
  const baseline = { name: "JSON.parse of a page", values: samples.map((run) => run.pages.figures.parseMs) };
  return Object.keys(samples[0].pages.figures.timesMs).map((page) => ({
    work: `warm page of 50, ${page}`,
    unit: "ms",
    values: samples.map((run) => run.pages.figures.timesMs[page]),
    baseline,
    target: TARGETS.pageMs,
  }));
}

function searchRows(samples) {
  const baseline = { name: "includes() on all previews", values: samples.map((run) => run.searches.figures.scanMs) };
  return SEARCHES.map(({ name }, index) => {
    const [{ hits, hasMore }] = samples.map((run) => run.searches.figures.searches[index]);
    return {
      work: `list with a term ${name} (${hits}${hasMore ? " and more" : ""})`,
      unit: "ms",
      values: samples.map((run) => run.searches.figures.searches[index].timeMs),
      baseline,
      target: TARGETS.searchMs,
    };
  });
}

function memoryRows(samples) {
  const baseline = { name: "bare process", values: samples.map((run) => run.start.figures.memoryMb) };
  const rows = { cold: "no index", restart: "restart", pages: "warm pages", searches: "search terms" };
  return Object.entries(rows).map(([name, work]) => ({
    work: `peak memory: ${work}`,
    unit: "MB",
    values: samples.map((run) => run[name].figures.memoryMb),
    baseline,
    target: TARGETS.memoryMb,
  }));
}

/** What the others are compared with, so that a slow machine can be told from slow code. */
function baseRows(samples) {
  return [
    { work: "baseline: read + newline count of all files", unit: "ms", ...timesOf(samples, "read") },
    { work: "baseline: find and stat all files", unit: "ms", ...timesOf(samples, "stat") },
    { work: "baseline: bare process, from spawn", unit: "ms", values: samples.map((run) => run.start.firstLineMs) },
  ];
}

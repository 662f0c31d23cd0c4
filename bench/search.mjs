import { forgetIndex, indexBytes } from "./home/bench-index.mjs";
import { needleOf } from "./home/generate-home.mjs";
import { measureCodexSearches } from "./measure/codex-app-server.mjs";
import { repeat } from "./measure/repeat.mjs";
import { runChild } from "./measure/run-child.mjs";

const SEARCHES = [
  { name: "rare", termOf: ({ parameters }) => needleOf(parameters.threads >> 1) },
  { name: "common", termOf: () => "question" },
  { name: "a phrase", termOf: () => "of thread needle" },
  { name: "a part of words", termOf: () => "uestio" },
  { name: "two letters", termOf: () => "ra" },
  { name: "none", termOf: () => "nowhereatall" },
  { name: "none, in Japanese", termOf: () => "日本語" },
];

const TARGETS = { searchMs: 10, textMbPerSecond: 20, sizeShare: 0.7, memoryMb: 200 };
const MB = 1e6;

/** Full-text search: making its index, and asking it. */
export const searchBench = {
  name: "search",
  about: "making the text index, its size, searches of every kind, places in the big threads, beside a plain scan",
  needsHome: true,

  /** @returns {Promise<import("./report/summarize-row.mjs").MeasuredRow[]>} */
  async measure({ home, runs, onProgress }) {
    const samples = await repeat(runs, onProgress, () => measureOnce(home));
    const codex = await measureCodexSearches(home.path, { terms: termsOf(home), onProgress });
    return [...indexRows(samples), ...searchRows(samples), ...codexRows(samples, codex ?? {}), ...memoryRows(samples)];
  },
};

function termsOf({ description }) {
  return SEARCHES.map(({ termOf }) => termOf(description));
}

async function measureOnce({ path: home, description }) {
  forgetIndex(home);
  await runChild("first-page.mjs", [home]);
  const bytesBefore = indexBytes(home);
  const index = await runChild("index-texts.mjs", [home]);
  const terms = termsOf({ description });
  return {
    index,
    indexBytes: indexBytes(home) - bytesBefore,
    searches: await runChild("warm-text-searches.mjs", [home, ...terms]),
    scan: await runChild("scan-texts.mjs", [home, terms[0]]),
  };
}

function indexRows(samples) {
  const textBytes = samples[0].scan.figures.textBytes;
  return [
    {
      work: `text index of the home (${Math.round(textBytes / MB)} MB of text)`,
      unit: "ms",
      values: samples.map((run) => run.index.figures.textMs),
      baseline: scanBaseline(samples),
      target: (textBytes / MB / TARGETS.textMbPerSecond) * 1_000,
    },
    {
      work: "size of the text index",
      unit: "MB",
      values: samples.map((run) => run.indexBytes / MB),
      baseline: { name: "the text", values: samples.map((run) => run.scan.figures.textBytes / MB) },
      mostRatio: TARGETS.sizeShare,
    },
  ];
}

function scanBaseline(samples) {
  return { name: "a plain scan of the home", values: samples.map((run) => run.scan.figures.timeMs) };
}

function searchRows(samples) {
  return SEARCHES.map(({ name }, at) => {
    const { hits, hasMore } = samples[0].searches.figures.searches[at];
    return {
      work: `search, ${name} (${hits}${hasMore ? " and more" : ""})`,
      unit: "ms",
      values: samples.map((run) => run.searches.figures.searches[at].timeMs),
      baseline: scanBaseline(samples),
      target: TARGETS.searchMs,
    };
  });
}

/** Measured once. The ratio is how many times as long as ours it takes. */
function codexRows(samples, figures) {
  return Object.values(figures).map((ms, at) => ({
    work: `Codex: search, ${SEARCHES[at].name}`,
    unit: "ms",
    values: [ms],
    baseline: { name: "ours", values: samples.map((run) => run.searches.figures.searches[at].timeMs) },
  }));
}

function memoryRows(samples) {
  const rows = { index: "making the text index", searches: "searches", scan: "plain scan" };
  return Object.entries(rows).map(([name, work]) => ({
    work: `peak memory: ${work}`,
    unit: "MB",
    values: samples.map((run) => run[name].figures.memoryMb),
    ...(name === "scan" ? {} : { target: TARGETS.memoryMb }),
  }));
}

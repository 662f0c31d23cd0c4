import { forgetIndex, indexBytes } from "./home/bench-index.mjs";
import { bigThreads } from "./home/big-threads.mjs";
import { repeat } from "./measure/repeat.mjs";
import { runChild } from "./measure/run-child.mjs";

const HOME = "the whole home";

/** At least 1.5 times as fast as reading and parsing the same bytes; a size beside that of the rollouts. */
const TARGETS = { mostRatio: 1 / 1.5, sizePercent: 5, memoryMb: 200 };

/** Making the index of turns and items: of each big thread, and of a whole home. */
export const indexBench = {
  name: "index",
  about: "making the index of turns and items of 300 MB threads and of a whole home, its size, peak memory",
  needsHome: true,

  /** @returns {Promise<import("./report/summarize-row.mjs").MeasuredRow[]>} */
  async measure({ home, runs, onProgress }) {
    const threads = bigThreads(home);
    const samples = await repeat(runs, onProgress, () => measureOnce(home, threads));
    const works = { paginated: "the paginated thread", legacy: "the legacy thread", home: HOME };
    const samplesOf = (name) => samples.map((run) => run[name]);
    return Object.keys(samples[0]).flatMap((name) => rowsOf(works[name], samplesOf(name)));
  },
};

/** One of everything, in turn, so that what else the machine does in a while falls on all rows alike. */
async function measureOnce({ path: home }, threads) {
  forgetIndex(home);
  // The threads of the home are listed first, so that the rest is turns and items.
  await runChild("first-page.mjs", [home]);
  const sample = {};
  for (const { mode, threadId, file } of threads) {
    sample[mode] = await measureIndex(home, { threadIds: [threadId], parsed: file });
  }
  forgetIndex(home);
  await runChild("first-page.mjs", [home]);
  sample.home = await measureIndex(home, { threadIds: [], parsed: home });
  return sample;
}

async function measureIndex(home, { threadIds, parsed }) {
  const bytesBefore = indexBytes(home);
  const { figures } =
    threadIds.length > 0
      ? await runChild("index-turns.mjs", [home, ...threadIds])
      : await runChild("index-home.mjs", [home]);
  const { figures: parse } = await runChild("read-and-parse.mjs", [parsed]);
  const bytes = indexBytes(home);
  return { timeMs: figures.turnsMs, memoryMb: figures.memoryMb, bytes, turnBytes: bytes - bytesBefore, parse };
}

function rowsOf(work, samples) {
  const parse = { name: "read + JSON.parse", values: samples.map((run) => run.parse.timeMs) };
  const percentOf = (name) => samples.map((run) => (100 * run[name]) / run.parse.bytes);
  const title = `turns and items of ${work}`;
  return [
    {
      work: title,
      unit: "ms",
      values: samples.map((run) => run.timeMs),
      baseline: parse,
      mostRatio: TARGETS.mostRatio,
    },
    {
      work: `${title}: size beside the rollouts`,
      unit: "%",
      values: percentOf("turnBytes"),
      target: TARGETS.sizePercent,
    },
    ...(work === HOME ? [{ work: "the same with its list of threads", unit: "%", values: percentOf("bytes") }] : []),
    {
      work: `${title}: peak memory`,
      unit: "MB",
      values: samples.map((run) => run.memoryMb),
      baseline: { name: parse.name, values: samples.map((run) => run.parse.memoryMb) },
      target: TARGETS.memoryMb,
    },
  ];
}

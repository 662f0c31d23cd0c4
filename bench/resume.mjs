import { forgetIndex } from "./home/bench-index.mjs";
import { bigThreads } from "./home/big-threads.mjs";
import { measureCodexResume } from "./measure/codex-app-server.mjs";
import { repeat } from "./measure/repeat.mjs";
import { runChild, runCommand } from "./measure/run-child.mjs";

const TARGETS = { answerMs: 100, memoryMb: 200 };

/** Going on with an indexed thread of hundreds of megabytes: from the start of a process to the thread and its last turns. */
export const resumeBench = {
  name: "resume",
  about: "from the start of a process to an indexed 300 MB thread and its first page of turns",
  needsHome: true,

  /** @returns {Promise<import("./report/summarize-row.mjs").MeasuredRow[]>} */
  async measure({ home, runs, onProgress }) {
    const threads = bigThreads(home);
    const samples = await repeat(runs, onProgress, () => measureOnce(home, threads));
    const codex = await measureCodexResume(threads, { onProgress });
    return [
      ...threads.flatMap(({ mode }) => [
        ...resumeRows(mode, samples),
        ...codexRows(mode, { samples, figures: codex?.[mode] ?? {} }),
      ]),
      ...baseRows(threads, samples),
    ];
  },
};

/** One of everything, in turn, so that what else the machine does in a while falls on all rows alike. */
async function measureOnce({ path: home }, threads) {
  forgetIndex(home);
  // After this the threads of the home are known, and nothing of their turns.
  await runChild("first-page.mjs", [home]);
  const sample = { start: await runChild("start.mjs") };
  for (const { mode, threadId, file } of threads) {
    const first = await runChild("resume-thread.mjs", [home, threadId]);
    await runChild("index-turns.mjs", [home, threadId]);
    const resume = await runChild("resume-thread.mjs", [home, threadId]);
    const command = await runCommand(["--home", home, "turns", threadId, "--limit", "20", "--json"]);
    sample[mode] = { first, resume, command, parse: await runChild("read-and-parse.mjs", [file]) };
  }
  return sample;
}

function resumeRows(mode, samples) {
  const figures = (name) => samples.map((run) => run[mode].resume.figures[name]);
  const bare = (name) => ({ name: "bare process", values: samples.map((run) => run.start[name]) });
  const [title, unit] = [`${mode}, indexed: thread and 20 turns`, "ms"];
  const commandMs = samples.map((run) => run[mode].command.firstLineMs);
  const answerMs = samples.map((run) => run[mode].resume.firstLineMs);
  const exitMs = samples.map((run) => run[mode].resume.exitMs);
  const firstMs = samples.map((run) => run[mode].first.firstLineMs);
  const neverIndexed = `${mode}, never indexed: thread and 20 turns, from spawn to the answer`;
  return [
    {
      work: `${mode}, indexed: threadstore turns, from spawn to the answer`,
      unit,
      values: commandMs,
      baseline: bare("firstLineMs"),
      target: TARGETS.answerMs,
    },
    {
      work: `${title}, by the packages, from spawn to the answer`,
      unit,
      values: answerMs,
      baseline: bare("firstLineMs"),
    },
    { work: `${title}, from spawn to the end`, unit, values: exitMs, baseline: bare("exitMs") },
    { work: `${title}: until the modules are loaded`, unit, values: figures("importedMs") },
    { work: `${title}: opening and the thread`, unit, values: figures("threadMs") },
    { work: `${title}: opening, the thread and its turns`, unit, values: figures("timeMs") },
    { work: neverIndexed, unit, values: firstMs, baseline: bare("firstLineMs") },
    {
      work: `${mode}, indexed: peak memory`,
      unit: "MB",
      values: figures("memoryMb"),
      baseline: { name: "bare process", values: samples.map((run) => run.start.figures.memoryMb) },
      target: TARGETS.memoryMb,
    },
  ];
}

/** Measured once, because making its index takes half a minute. The ratio is how many times as long as ours it takes. */
function codexRows(mode, { samples, figures: { resumeMs, memoryMb } }) {
  if (resumeMs === undefined) return [];
  const ours = samples.map((run) => run[mode].resume.firstLineMs);
  const work = `Codex, ${mode}, indexed: thread/resume with 20 turns, from spawn to the answer`;
  return [
    { work, unit: "ms", values: [resumeMs], baseline: { name: "ours", values: ours } },
    { work: `Codex, ${mode}, peak memory`, unit: "MB", values: [memoryMb] },
  ];
}

/** What the others are compared with, so that a slow machine can be told from slow code. */
function baseRows(threads, samples) {
  const parsing = threads.map(({ mode }) => ({
    work: `baseline: read + JSON.parse, ${mode}, from spawn`,
    unit: "ms",
    values: samples.map((run) => run[mode].parse.exitMs),
  }));
  const bare = {
    work: "baseline: bare process, from spawn",
    unit: "ms",
    values: samples.map((run) => run.start.exitMs),
  };
  return [...parsing, bare];
}

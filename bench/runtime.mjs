import { repeat } from "./measure/repeat.mjs";
import { runChild } from "./measure/run-child.mjs";

const THREADS = 1_000;

/** Threads of one process: in memory, where the runtime itself is seen, and in a home. */
const MEDIA = ["memory", "local"];

/** An idle thread is a handle, a writer and a queue: the conversation is in the store. */
const MOST_IDLE_KB = 20;

/** Many threads of one process: started, one turn each, idle, shut down. */
export const runtimeBench = {
  name: "runtime",
  about:
    "1,000 threads in one process: a turn each, what an idle one holds, shutting all down, beside the bare records",
  needsHome: false,

  /** @returns {Promise<import("./report/summarize-row.mjs").MeasuredRow[]>} */
  async measure({ runs, onProgress }) {
    const samples = await repeat(runs, onProgress, async () => {
      const sample = {};
      for (const medium of MEDIA) {
        sample[medium] = {
          run: (await runChild("run-threads.mjs", [medium, THREADS])).figures,
          bare: (await runChild("record-threads.mjs", [medium, THREADS])).figures,
        };
      }
      return sample;
    });
    return MEDIA.flatMap((medium) =>
      rowsOf(
        medium,
        samples.map((sample) => sample[medium]),
      ),
    );
  },
};

function rowsOf(medium, samples) {
  const ours = (figure) => samples.map(({ run }) => run[figure]);
  const beside = (figure) => ({ name: "bare live threads", values: samples.map(({ bare }) => bare[figure]) });
  const of = `${THREADS} threads, ${medium}`;
  return [
    { work: `start and a turn each, ${of}`, unit: "us/turn", values: ours("turnUs"), baseline: beside("turnUs") },
    { work: `one more turn each, ${of}`, unit: "us/turn", values: ours("nextTurnUs"), baseline: beside("nextTurnUs") },
    {
      work: `memory of an idle thread, ${of}`,
      unit: "KB",
      values: ours("idleKb"),
      baseline: beside("idleKb"),
      ...(medium === "local" ? { target: MOST_IDLE_KB } : {}),
    },
    { work: `shut down, ${of}`, unit: "us/thread", values: ours("shutdownUs"), baseline: beside("shutdownUs") },
    { work: `left in memory afterwards, ${of}`, unit: "KB", values: ours("leftKb"), baseline: beside("leftKb") },
    { work: `open files afterwards, ${of}`, unit: "files", values: ours("filesLeft"), target: 0 },
  ];
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repeat } from "./measure/repeat.mjs";
import { runChild } from "./measure/run-child.mjs";
import { measureServed } from "./remote/measure-served.mjs";

const COUNTS = [1, 16, 64];
const MOST_CALLERS = Math.max(...COUNTS);

/** Half the rate of the echo. */
const MOST_RATIO = 2;

/** What is called, on what store, and beside which echo. */
const WORKS = [
  { group: "appends", work: "append", medium: "memory", echo: "append", mostRatio: MOST_RATIO },
  { group: "appends", work: "append", medium: "local", echo: "append" },
  // The reference store sorts all threads for a page, and a home is looked at for each: that is not the wire's cost.
  { group: "lists", work: "page", medium: "memory", echo: "page" },
  { group: "lists", work: "page", medium: "local", echo: "page" },
  { group: "lists", work: "known page", medium: "local", echo: "page", mostRatio: MOST_RATIO },
];

/** Calls of served threads, in memory and in a home, beside an echo of as many bytes. */
export const remoteBench = {
  name: "remote",
  about: "appends and pages of served threads by 1, 16 and 64 callers, beside a bare gRPC echo of as many bytes",
  needsHome: false,

  /** @returns {Promise<import("./report/summarize-row.mjs").MeasuredRow[]>} */
  async measure({ runs, onProgress }) {
    const folder = mkdtempSync(join(process.env.THREADSTORE_BENCH_FOLDER ?? tmpdir(), "threadstore-remote-"));
    try {
      await runChild("fill-home.mjs", [join(folder, "lists")]);
      const { figures: sizes } = await runChild("wire-sizes.mjs");
      const plan = { folder, sizes, works: WORKS, counts: COUNTS };
      const samples = await repeat(runs, onProgress, () => measureServed(plan));
      return [
        ...WORKS.flatMap((work) => callRows(work, { samples, sizes })),
        ...WORKS.map((work) => storeRow(work, samples)),
        // Of other pages the store takes nearly all of it.
        ...WORKS.filter(({ work }) => work !== "page").flatMap((work) => processorRows(work, samples)),
        ...memoryRows(samples),
      ];
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

function callRows({ work, medium, echo, mostRatio }, { samples, sizes }) {
  const { requestBytes, answerBytes } = sizes[echo];
  return COUNTS.map((count) => ({
    work: `${work} of a served ${medium} store, ${callers(count)}`,
    unit: "us/call",
    values: samples.map(({ served }) => served[work][medium][count].callUs),
    baseline: {
      name: `echo of ${requestBytes} and ${answerBytes} bytes`,
      values: samples.map(({ served }) => served[echo].echo[count].callUs),
    },
    ...(mostRatio === undefined ? {} : { mostRatio }),
  }));
}

/** What the store costs by itself: serving it cannot be faster. */
function storeRow({ work, medium }, samples) {
  return {
    work: `${work} of a ${medium} store in process, ${callers(1)}`,
    unit: "us/call",
    values: samples.map(({ alone }) => alone[work][medium].callUs),
  };
}

/** Where the time goes, when callers enough keep both processes busy. */
function processorRows({ work, medium, echo }, samples) {
  return ["server", "client"].map((side) => ({
    work: `processor time of the ${side}: ${work}, ${medium}, ${callers(MOST_CALLERS)}`,
    unit: "us/call",
    values: samples.map(({ served }) => served[work][medium][MOST_CALLERS].processorUs[side]),
    baseline: {
      name: `${side} of the echo`,
      values: samples.map(({ served }) => served[echo].echo[MOST_CALLERS].processorUs[side]),
    },
  }));
}

/** At the end of everything that is measured; a store in memory grows with what is appended, so it is left out. */
function memoryRows(samples) {
  return ["append", "known page"].flatMap((work) =>
    ["server", "client"].map((side) => ({
      work: `peak memory of the ${side}: ${work}, local`,
      unit: "MB",
      values: samples.map(({ served }) => served[work].local[MOST_CALLERS].memoryMb[side]),
      baseline: {
        name: `${side} of the echo`,
        values: samples.map(({ served }) => served.page.echo[MOST_CALLERS].memoryMb[side]),
      },
    })),
  );
}

function callers(count) {
  return count === 1 ? "1 caller" : `${count} callers`;
}

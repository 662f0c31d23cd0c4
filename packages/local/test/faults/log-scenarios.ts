import { formatRolloutLine } from "@threadstore/core";
import { logFolder } from "../../src/log/log-file.js";
import { encodeBlock, type LogRecord } from "../../src/log/log-record.js";
import { SIMULATED_HOME, type SimulatedDisk } from "../support/simulated-disk.js";
import { message } from "../support/written-home.js";
import type { Acknowledgements } from "./acknowledgements.js";
import { CONVERSATION } from "./judge-error.js";
import { A, B, C, rolloutOf, type Scenario } from "./scenario.js";
import type { ScenarioRun } from "./scenario-run.js";

const ALL = [A, B, C];

/** What is put down in the commit log, and what becomes of it. */
export const LOG_SCENARIOS: readonly Scenario[] = [
  {
    name: "empty a log and use it again",
    work: async (run) => {
      await begin(run);
      for (const text of ["two", "three", "four", "five", "six"]) await flushTogether(run, text);
      await run.close();
      await run.resume(A);
      await run.append(A, ["seven"]);
      await run.shutdown(A);
    },
  },
  {
    name: "give back and delete threads that are in a log",
    work: async (run) => {
      await begin(run);
      await flushTogether(run, "two");
      await run.discard(A);
      await run.archive(A);
      await run.shutdown(B);
      await run.delete(B);
      await run.append(C, ["three"]);
      await run.flush(C);
    },
  },
  {
    name: "flush threads together that somebody else writes too",
    work: async (run, disk) => {
      await begin(run);
      await flushTogether(run, "two");
      writeAsCodex(disk, run.acknowledged, A);
      await flushTogether(run, "three");
      await flushTogether(run, "four");
    },
  },
  {
    name: "put back what a power cut took",
    prepare: beginTogether,
    leave: (disk) => {
      cutLast(disk, A, () => Buffer.alloc(0));
      cutLast(disk, B, (line) => line.subarray(0, 20));
      cutLast(disk, C, (line) => Buffer.concat([line.subarray(0, 20), Buffer.alloc(line.length - 20)]));
      tearLog(disk);
    },
    work: async (run) => {
      await run.resume(B);
      await run.append(B, ["three"]);
      await run.flush(B);
      await run.archive(C);
      await run.shutdown(B);
    },
  },
  {
    name: "put back what two logs hold",
    prepare: async (run) => {
      await begin(run);
      for (const id of ALL) {
        await run.append(id, ["two"]);
        await run.append(id, ["three"]);
        await run.flush(id);
      }
    },
    leave: (disk) => {
      const later = ALL.map((id) => takeLast(disk, id));
      const earlier = ALL.map((id) => takeLast(disk, id));
      // A log that is used again has an earlier name than the one before it.
      writeLog(disk, "1", later);
      writeLog(disk, "2", earlier);
    },
    work: async (run) => {
      await run.resume(A);
      await run.append(A, ["four"]);
      await run.shutdown(A);
    },
  },
  {
    name: "put nothing over what somebody else wrote after a power cut",
    prepare: beginTogether,
    leave: (disk, acknowledged) => {
      cutLast(disk, A, () => Buffer.alloc(0));
      cutLast(disk, B, () => Buffer.alloc(0));
      forgetLast(acknowledged, A);
      writeAsCodex(disk, acknowledged, A);
    },
    work: async (run) => {
      await run.resume(A);
      await run.append(A, ["three"]);
      await run.shutdown(A);
    },
    recovered: ["two"],
  },
];

/** Live threads that were each flushed once: from then on flushes that come together are put down in a log. */
async function begin(run: ScenarioRun): Promise<void> {
  for (const id of ALL) {
    await run.create(id);
    await run.append(id, ["one"]);
    await run.flush(id);
  }
}

async function flushTogether(run: ScenarioRun, text: string): Promise<void> {
  await Promise.all(ALL.map((id) => run.append(id, [text])));
  await Promise.all(ALL.map((id) => run.flush(id)));
}

async function beginTogether(run: ScenarioRun): Promise<void> {
  await begin(run);
  await flushTogether(run, "two");
}

/** What a power cut leaves of the last line of a rollout. */
function cutLast(disk: SimulatedDisk, id: string, leave: (line: Buffer) => Buffer): void {
  const path = rolloutOf(disk, id);
  const bytes = disk.readBytes(path);
  const start = bytes.lastIndexOf("\n", bytes.length - 2) + 1;
  disk.writeBytes(path, Buffer.concat([bytes.subarray(0, start), leave(bytes.subarray(start))]));
}

/** Takes the last line from a rollout; returns what a log holds of it. */
function takeLast(disk: SimulatedDisk, id: string): LogRecord {
  const path = rolloutOf(disk, id);
  const bytes = disk.readBytes(path);
  cutLast(disk, id, () => Buffer.alloc(0));
  const offset = disk.readBytes(path).length;
  const threadId = id as LogRecord["threadId"];
  return { threadId, path: path.slice(SIMULATED_HOME.length + 1), offset, bytes: bytes.subarray(offset) };
}

function writeLog(disk: SimulatedDisk, name: string, records: readonly LogRecord[]): void {
  disk.files.makeDirectory(logFolder(SIMULATED_HOME));
  disk.writeBytes(`${logFolder(SIMULATED_HOME)}/${name}.log`, encodeBlock(records));
}

/** Leaves the beginning of another block at the end of the log. */
function tearLog(disk: SimulatedDisk): void {
  for (const path of disk.paths.filter((one) => one.startsWith(logFolder(SIMULATED_HOME)))) {
    const bytes = disk.readBytes(path);
    disk.writeBytes(path, Buffer.concat([bytes, bytes.subarray(0, bytes.length - 7)]));
  }
}

/** Appends a line as the real Codex does, without any lock. */
function writeAsCodex(disk: SimulatedDisk, acknowledged: Acknowledgements, id: string): void {
  const text = `${CONVERSATION}theirs`;
  const line = { timestamp: "2026-01-15T14:00:00.000Z", ordinal: undefined, json: JSON.stringify(message(text)) };
  const file = disk.files.openToAppend(rolloutOf(disk, id), "either");
  file.append(Buffer.from(formatRolloutLine(line)));
  file.close();
  acknowledged.get(id).current.parts.at(-1)?.push({ text, state: "stored" });
}

/** The last item of a thread is no longer expected in it. */
function forgetLast(acknowledged: Acknowledgements, id: string): void {
  const last = acknowledged.get(id).current.parts.at(-1)?.at(-1);
  if (last) last.state = "refused";
}

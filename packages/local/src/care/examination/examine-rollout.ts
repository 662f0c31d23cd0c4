import { setTimeout as pause } from "node:timers/promises";
import type { ThreadId } from "@threadstore/core";
import type { FileStatus, FileSystem, OpenFile } from "../../file-system/file-system.js";
import { type RolloutRow, readRolloutRow } from "../../index/rollout-row.js";
import { isSystemError } from "../../map-error.js";
import type { RolloutFile } from "../../rollout/find-rollouts.js";
import { readLines } from "../../rollout/line-reader.js";
import { openRollout } from "../../rollout/open-rollout.js";
import { fileNameOf, parseRolloutName } from "../../rollout/rollout-name.js";
import { checkCompressed } from "./check-compressed.js";
import { aboutFile, type FileFinding } from "./finding.js";
import { RolloutCheck } from "./rollout-check.js";

/** A rollout of which every line was looked at. */
export interface ExaminedRollout {
  readonly file: RolloutFile;
  /** What the index would know of it; null when the system does not let us read it. */
  readonly row: RolloutRow | null;
  /** The thread it belongs to, by its session_meta or else its name. */
  readonly threadId: ThreadId | null;
  readonly findings: readonly FileFinding[];
  readonly records: number;
  /** The ordinal after its last record; null for a legacy rollout. */
  readonly nextOrdinal: number | null;
  /** Whether every record has an ordinal, whatever the history mode. */
  readonly isNumbered: boolean;
}

export interface ExamineRolloutOptions {
  readonly files: FileSystem;
  readonly home: string;
  /** Lines of more bytes are findings. */
  readonly lineMaxBytes: number;
}

/** A line that is being written is whole after this time, or its writer is gone. */
const WRITE_PAUSE_MS = 50;
const LOOKS_MAX = 4;

/** Looks at every line of a rollout. Null when it is gone. A line that is just being written is waited for. */
export async function examineRollout(
  options: ExamineRolloutOptions,
  file: RolloutFile,
): Promise<ExaminedRollout | null> {
  for (let look = 1; ; look++) {
    const examined = await lookAt(options, file);
    if (examined === null || !examined.isTorn || look === LOOKS_MAX) return examined?.rollout ?? null;
    await pause(WRITE_PAUSE_MS);
    const status = options.files.status(`${options.home}/${file.path}`);
    if (status && isSame(status, file.status)) return examined.rollout;
    if (status) file = { ...file, status };
  }
}

function isSame(a: FileStatus, b: FileStatus): boolean {
  return a.inode === b.inode && a.size === b.size && a.mtimeMs === b.mtimeMs;
}

interface Look {
  readonly rollout: ExaminedRollout;
  readonly isTorn: boolean;
}

async function lookAt({ files, home, lineMaxBytes }: ExamineRolloutOptions, file: RolloutFile): Promise<Look | null> {
  try {
    const row = readRolloutRow(files, home, file, { isComplete: true });
    const compressed = file.path.endsWith(".zst") ? await compressedFindings(files, `${home}/${file.path}`) : [];
    const opened = row && openRollout(files, `${home}/${file.path}`);
    if (!row || !opened) return null;
    try {
      const check = new RolloutCheck({ scan: row.scan, nameThreadId: row.nameThreadId, lineMaxBytes });
      readAll(opened, check);
      const findings = [...compressed, ...check.findings()];
      const { records, nextOrdinal, isNumbered, isTorn } = check;
      const threadId = row.threadId ?? row.nameThreadId;
      const rollout = { file, row, threadId, findings, records, nextOrdinal, isNumbered };
      return { rollout, isTorn };
    } finally {
      opened.close();
    }
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return { rollout: unreadable(file, error.code ?? "unknown"), isTorn: false };
  }
}

function readAll(file: OpenFile, check: RolloutCheck): void {
  readLines(file, { start: 0, end: file.status().size }, (line) => {
    check.visit(line);
    return true;
  });
}

function unreadable(file: RolloutFile, code: string): ExaminedRollout {
  return {
    file,
    row: null,
    threadId: parseRolloutName(fileNameOf(file.path))?.threadId ?? null,
    findings: [aboutFile("unreadable", `the system says ${code}`)],
    records: 0,
    nextOrdinal: null,
    isNumbered: false,
  };
}

async function compressedFindings(files: FileSystem, path: string): Promise<FileFinding[]> {
  const file = files.openToRead(path);
  if (!file) return [];
  try {
    const damage = await checkCompressed(file);
    if (damage === null) return [];
    const { offset, what } = damage;
    const explanation = `the zstd frame ${what}: only what comes before the damage can be read`;
    return [{ type: "damaged_zst", count: 1, places: [{ offset }], explanation }];
  } finally {
    file.close();
  }
}

import { setImmediate } from "node:timers/promises";
import { DEFAULT_LIMITS, type HistoryMode, type Instant, type ThreadId } from "@threadstore/core";
import { readClock, threadNotFound } from "@threadstore/core/driver";
import { replaceFile } from "../file-system/whole-writes.js";
import { type LocalHome, type LocalHomeOptions, openLocalHome } from "../local-home.js";
import { mapError } from "../map-error.js";
import { findRollouts } from "../rollout/find-rollouts.js";
import { openRollout } from "../rollout/open-rollout.js";
import { plainPath } from "../rollout/rollout-name.js";
import { RECOVERED_FOLDER } from "./examination/examine-leftovers.js";
import { type ExaminedRollout, examineRollout } from "./examination/examine-rollout.js";
import { FINDINGS, type FindingType } from "./examination/finding-table.js";
import type { Content } from "./hashed-output.js";
import { type MendedChanges, type MendedCopy, mendRollout } from "./repair/mend-rollout.js";
import { makeStampedFolder } from "./stamped-folder.js";
import { syncNames } from "./sync-names.js";

export interface RepairOptions extends LocalHomeOptions {
  /** Only the rollouts of these threads. Default: all. */
  readonly threadIds?: readonly ThreadId[];
  /** Told after each rollout: how many were looked at, and how many there are. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** A rollout of which a mended copy was written. Paths are relative to the home. */
export interface MendedRollout {
  readonly path: string;
  readonly threadId: ThreadId;
  /** What was wrong. */
  readonly found: readonly FindingType[];
  readonly copy: Content & { readonly path: string };
  /** What is left out of the copy, a line each; null: nothing is. */
  readonly fragments: (Content & { readonly path: string }) | null;
  readonly records: number;
  readonly historyMode: HistoryMode;
  readonly changes: MendedChanges;
  /** What is still to be said about the copy. */
  readonly remaining: readonly FindingType[];
  /** Threads that inherit items of this rollout: what they inherit is found by ordinals, which may be others in the copy. */
  readonly heirs: readonly ThreadId[];
  /** Where the copy belongs. */
  readonly place: string;
}

export interface RepairResult {
  /** Where the copies are and `report.json`; null: there was nothing to mend. Relative to the home. */
  readonly folder: string | null;
  readonly mended: readonly MendedRollout[];
  /** Rollouts with findings that a copy cannot mend; `examineHome` says what to do about them. */
  readonly unmended: readonly Pick<MendedRollout, "path" | "found">[];
}

/** The report beside the copies. */
interface RepairReport extends RepairResult {
  readonly version: 1;
  readonly createdAt: Instant;
}

/**
 * Writes mended copies of damaged rollouts below `threadstore/recovered/`, with a report. The rollouts themselves are not
 * touched and no locks are taken; of a thread that is being written, the copy holds what was there when it was read.
 *
 * @throws ThreadStoreError `unavailable` there is no such home, or no room; `thread_not_found` a thread that has no rollout.
 * @see docs/care.md
 */
export async function repairHome(options: RepairOptions): Promise<RepairResult> {
  const { threadIds, onProgress = () => {}, ...homeOptions } = options;
  const context = openLocalHome(homeOptions);
  try {
    const examined = await examineAll(context, onProgress);
    const wanted = threadIds ? ofThreads(examined, threadIds) : examined;
    return await new Repair(context, examined).run(wanted);
  } catch (error) {
    throw mapError(`repairing ${context.home}`, error);
  }
}

async function examineAll(
  { files, home }: LocalHome,
  onProgress: NonNullable<RepairOptions["onProgress"]>,
): Promise<ExaminedRollout[]> {
  const examined: ExaminedRollout[] = [];
  const { rollouts } = findRollouts(files, home);
  for (const [at, file] of rollouts.entries()) {
    const rollout = await examineRollout({ files, home, lineMaxBytes: DEFAULT_LIMITS.lineMaxBytes }, file);
    if (rollout) examined.push(rollout);
    onProgress(at + 1, rollouts.length);
    await setImmediate();
  }
  return examined;
}

/** The rollouts of some threads, found by the id in their session_meta or in their name. */
function ofThreads(examined: readonly ExaminedRollout[], threadIds: readonly ThreadId[]): ExaminedRollout[] {
  const idsOf = ({ threadId, row }: ExaminedRollout) => [threadId, row?.nameThreadId];
  for (const threadId of threadIds) {
    if (!examined.some((rollout) => idsOf(rollout).includes(threadId))) throw threadNotFound(threadId);
  }
  return examined.filter((rollout) => idsOf(rollout).some((id) => id && threadIds.includes(id)));
}

type Mendable = ExaminedRollout & { readonly row: { readonly threadId: ThreadId } };

class Repair {
  readonly #context: LocalHome;
  readonly #all: readonly ExaminedRollout[];
  #folder: string | null = null;

  constructor(context: LocalHome, all: readonly ExaminedRollout[]) {
    this.#context = context;
    this.#all = all;
  }

  async run(wanted: readonly ExaminedRollout[]): Promise<RepairResult> {
    const mended: MendedRollout[] = [];
    for (const rollout of wanted.filter(isMendable)) {
      const one = await this.#mend(rollout);
      if (one) mended.push(one);
    }
    const unmended = wanted
      .filter((rollout) => rollout.findings.length > 0 && !isMendable(rollout))
      .map(({ file, findings }) => ({ path: file.path, found: typesOf(findings) }));
    const result = { folder: this.#folder, mended, unmended };
    if (this.#folder !== null) await this.#report(this.#folder, result);
    return result;
  }

  /** Null when the file is gone meanwhile. */
  async #mend(rollout: Mendable): Promise<MendedRollout | null> {
    const { files, home } = this.#context;
    const { file, row, findings } = rollout;
    const opened = openRollout(files, `${home}/${file.path}`);
    if (!opened) return null;
    const place = plainPath(file.path);
    const copyPath = `${this.#ownFolder()}/${place}`;
    const paths = { copyPath: `${home}/${copyPath}`, fragmentsPath: `${home}/${copyPath}.fragments` };
    try {
      const params = { files, file: opened, row, isNumbered: rollout.isNumbered, ...paths };
      const made = await mendRollout(params);
      files.setModifiedTime(paths.copyPath, file.status.mtimeMs);
      return {
        path: file.path,
        threadId: row.threadId,
        found: typesOf(findings),
        ...withPaths(made, copyPath),
        remaining: await this.#lookAtCopy(copyPath),
        heirs: heirsOf(this.#all, row),
        place,
      };
    } finally {
      opened.close();
    }
  }

  /** What is still wrong: what a copy cannot mend. */
  async #lookAtCopy(path: string): Promise<FindingType[]> {
    const { files, home } = this.#context;
    const status = files.status(`${home}/${path}`);
    if (!status) return [];
    const options = { files, home, lineMaxBytes: DEFAULT_LIMITS.lineMaxBytes };
    return typesOf((await examineRollout(options, { path, status }))?.findings ?? []);
  }

  /** Made when there is something to put into it. */
  #ownFolder(): string {
    const { files, home, clock } = this.#context;
    this.#folder ??= `${RECOVERED_FOLDER}/${makeStampedFolder(files, `${home}/${RECOVERED_FOLDER}`, clock.nowMs())}`;
    return this.#folder;
  }

  async #report(folder: string, result: RepairResult): Promise<void> {
    const { files, home, clock } = this.#context;
    const report: RepairReport = { version: 1, createdAt: readClock(clock), ...result };
    const content = Buffer.from(`${JSON.stringify(report, null, 2)}\n`);
    replaceFile(files, `${home}/${folder}/report.json`, { content, isDurable: true }).close();
    const paths = result.mended.flatMap(({ copy, fragments }) => [copy.path, ...(fragments ? [fragments.path] : [])]);
    await syncNames(
      files,
      `${home}/${RECOVERED_FOLDER}`,
      [...paths, `${folder}/report.json`].map((path) => `${home}/${path}`),
    );
  }
}

function isMendable(rollout: ExaminedRollout): rollout is Mendable {
  const { row, records, findings } = rollout;
  return row?.threadId != null && records > 0 && findings.some(({ type }) => FINDINGS[type].isMended);
}

function typesOf(findings: ExaminedRollout["findings"]): FindingType[] {
  return findings.map(({ type }) => type);
}

function withPaths({ copy, fragments, ...made }: MendedCopy, path: string): Pick<MendedRollout, keyof MendedCopy> {
  return {
    copy: { path, ...copy },
    fragments: fragments && { path: `${path}.fragments`, ...fragments },
    ...made,
  };
}

function heirsOf(all: readonly ExaminedRollout[], { threadId, rolloutId, path }: Mendable["row"]): ThreadId[] {
  const heirs = all.filter(({ row }) => {
    const base = row?.scan.base?.rolloutId;
    return row?.path !== path && base !== undefined && (base === rolloutId || base === threadId);
  });
  return [...new Set(heirs.flatMap(({ row }) => row?.threadId ?? []))];
}

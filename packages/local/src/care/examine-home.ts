import { setImmediate } from "node:timers/promises";
import { DEFAULT_LIMITS, type ThreadId } from "@threadstore/core";
import { NO_FACTS } from "@threadstore/core/driver";
import { type LocalHome, type LocalHomeOptions, openLocalHome } from "../local-home.js";
import { mapError } from "../map-error.js";
import { findRollouts } from "../rollout/find-rollouts.js";
import { IndexExamination } from "./examination/examine-index.js";
import { examineLeftovers } from "./examination/examine-leftovers.js";
import { examineLogs } from "./examination/examine-logs.js";
import { examineRecords } from "./examination/examine-records.js";
import { examineRelations, type ThreadRollout } from "./examination/examine-relations.js";
import { type ExaminedRollout, examineRollout } from "./examination/examine-rollout.js";
import { findingIn, type HomeFinding } from "./examination/finding.js";
import { readTrash } from "./prune/read-trash.js";

export interface ExamineOptions extends LocalHomeOptions {
  /** Lines of more bytes are findings. Default: the most that threadstore appends, 64 MB. */
  readonly lineMaxBytes?: number;
  /** Told after each rollout: how many were looked at, and how many there are. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface HomeExamination {
  readonly files: number;
  readonly threads: number;
  /** Those about rollouts first, by path; then those about what is beside them. */
  readonly findings: readonly HomeFinding[];
}

/**
 * Looks at every line of every rollout of a home and at what is recorded beside them, and says what is wrong, what it means
 * and what to do about it. Changes nothing but the index. A damaged index or journal is a finding, not an error.
 *
 * @throws ThreadStoreError `unavailable` there is no such home.
 * @see docs/care.md
 */
export async function examineHome(options: ExamineOptions): Promise<HomeExamination> {
  const { lineMaxBytes = DEFAULT_LIMITS.lineMaxBytes, onProgress = () => {}, ...homeOptions } = options;
  const context = openLocalHome(homeOptions);
  try {
    return await examine(context, { lineMaxBytes, onProgress });
  } catch (error) {
    throw mapError(`examining ${context.home}`, error);
  } finally {
    context.index.close();
  }
}

async function examine(
  context: LocalHome,
  { lineMaxBytes, onProgress }: Required<Pick<ExamineOptions, "lineMaxBytes" | "onProgress">>,
): Promise<HomeExamination> {
  const { files, home, clock } = context;
  const index = await IndexExamination.begin(context);
  const found = findRollouts(files, home);
  const rollouts: ExaminedRollout[] = [];
  for (const [at, file] of found.rollouts.entries()) {
    const rollout = await examineRollout({ files, home, lineMaxBytes }, file);
    if (rollout) await index.compare(rollout);
    if (rollout) rollouts.push(withoutFacts(rollout));
    onProgress(at + 1, found.rollouts.length);
    await setImmediate();
  }
  const threads = new Set(rollouts.flatMap(({ row }) => row?.threadId ?? []));
  const isThere = knownThreads(context, rollouts, threads);
  const findings = [
    ...rollouts.flatMap(({ file, threadId, findings }) => findings.map((one) => findingIn(file.path, threadId, one))),
    ...examineRelations(rollouts.filter(belongsToThread)),
    ...examineRecords({ files, home, isThere }),
    ...examineLogs(files, home),
    ...(await index.finish(isThere)),
    ...(await examineLeftovers({ files, home, clock, folders: found.folders.keys() })),
  ];
  return { files: found.rollouts.length, threads: threads.size, findings };
}

/** Threads that have a rollout, those in the trash and those of files that cannot be read included. */
function knownThreads(
  { files, home }: LocalHome,
  rollouts: readonly ExaminedRollout[],
  threads: ReadonlySet<ThreadId>,
): (threadId: ThreadId) => boolean {
  const trashed = readTrash(files, home).flatMap((trash) => trash.threads.map(({ threadId }) => threadId));
  const all = new Set([...threads, ...rollouts.flatMap(({ threadId }) => threadId ?? []), ...trashed]);
  return (threadId) => all.has(threadId);
}

function belongsToThread(rollout: ExaminedRollout): rollout is ThreadRollout {
  return rollout.row?.threadId != null;
}

/** What was said in a thread need not be kept for all threads of a home at once. */
function withoutFacts(rollout: ExaminedRollout): ExaminedRollout {
  const { row } = rollout;
  if (!row) return rollout;
  const { meta } = row.scan.facts;
  return { ...rollout, row: { ...row, scan: { ...row.scan, facts: { ...NO_FACTS, ...(meta ? { meta } : {}) } } } };
}

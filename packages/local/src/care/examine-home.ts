import type { OpenFile } from "../file-system/file-system.js";
import type { IndexDatabase } from "../index/index-database.js";
import { findBase } from "../index/lineage.js";
import { type RolloutRow, readRolloutRow, rolloutAt } from "../index/rollout-row.js";
import { type LocalHome, type LocalHomeOptions, openLocalHome } from "../local-home.js";
import { isSystemError, mapError } from "../map-error.js";
import { findRollouts, type RolloutFile } from "../rollout/find-rollouts.js";
import { isBlank, readRecord } from "../rollout/line-item.js";
import { readLines } from "../rollout/line-reader.js";
import { openRollout } from "../rollout/open-rollout.js";

/** Something about one file that its owner should know. */
export interface HomeFinding {
  /** Relative to the home. */
  readonly path: string;
  readonly type: "unreadable" | "rejected_lines" | "torn_end" | "missing_base" | "index_drift";
  readonly explanation: string;
}

export interface HomeExamination {
  readonly files: number;
  readonly threads: number;
  readonly findings: readonly HomeFinding[];
}

/** Looks at every line of every rollout of a home and compares what it finds with the index. Changes nothing but the index. */
export async function examineHome(options: LocalHomeOptions): Promise<HomeExamination> {
  const context = openLocalHome(options);
  try {
    return await examine(context);
  } catch (error) {
    throw mapError(`examining ${context.home}`, error);
  } finally {
    context.index.close();
  }
}

async function examine(context: LocalHome): Promise<HomeExamination> {
  const files = findRollouts(context.files, context.home).rollouts;
  const findings = await context.index.query((index) =>
    files.flatMap((file) => [...findingsOf(context, index, file)].map((finding) => ({ path: file.path, ...finding }))),
  );
  const threads = await context.index.query((index) => index.get("SELECT count(*) AS count FROM threads"), {
    asIs: true,
  });
  return { files: files.length, threads: Number(threads?.count ?? 0), findings };
}

type Finding = Omit<HomeFinding, "path">;

function* findingsOf({ files, home }: LocalHome, index: IndexDatabase, file: RolloutFile): Generator<Finding> {
  const looked = lookAt({ files, home }, file);
  if (looked === null) return;
  if ("code" in looked) return yield { type: "unreadable", explanation: `the system says ${looked.code}` };
  const { anew, lines } = looked;
  if (anew.threadId === null) yield { type: "unreadable", explanation: whyUnreadable(lines) };
  else if (lines.rejected > 0) {
    yield {
      type: "rejected_lines",
      explanation: `${lines.rejected} of ${lines.total} lines cannot be read and are passed over`,
    };
  }
  if (lines.isTorn) yield { type: "torn_end", explanation: "the last line is not closed and cannot be read" };
  yield* baseFindings(index, anew);
  yield* driftFindings(index, anew);
}

/** Null when the file is gone meanwhile; the system's code when it does not let us read it. */
function lookAt(
  { files, home }: Pick<LocalHome, "files" | "home">,
  file: RolloutFile,
): { readonly anew: RolloutRow; readonly lines: LineCounts } | { readonly code: string } | null {
  try {
    const anew = readRolloutRow(files, home, file, { isComplete: true });
    const opened = openRollout(files, `${home}/${file.path}`);
    const lines = opened && countLines(opened);
    opened?.close();
    return anew && lines && { anew, lines };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return { code: error.code ?? "unknown" };
  }
}

interface LineCounts {
  readonly total: number;
  readonly rejected: number;
  readonly isTorn: boolean;
}

function countLines(file: OpenFile): LineCounts {
  let total = 0;
  let rejected = 0;
  let isTorn = false;
  readLines(file, { start: 0, end: file.status().size }, (line) => {
    if (isBlank(line)) return true;
    total++;
    if (readRecord(line) !== null) return true;
    if (line.isClosed) rejected++;
    else isTorn = true;
    return true;
  });
  return { total, rejected, isTorn };
}

function whyUnreadable({ total }: LineCounts): string {
  if (total === 0) return "the file is empty";
  return "no line can be read, or neither the file nor its name says which thread it belongs to";
}

function* baseFindings(index: IndexDatabase, row: RolloutRow): Generator<Finding> {
  const { base } = row.scan;
  if (!base || findBase(index, row)) return;
  const explanation = `its history begins in rollout ${base.rolloutId}, which is not there; its own items are read`;
  yield { type: "missing_base", explanation };
}

/** What the index knows of a file against what the file says when every line is looked at. */
function* driftFindings(index: IndexDatabase, anew: RolloutRow): Generator<Finding> {
  const known = rolloutAt(index, anew.path);
  if (!known) return yield { type: "index_drift", explanation: "the index does not know the file" };
  const isSame = known.threadId === anew.threadId && sameFacts(known, anew);
  if (!isSame) yield { type: "index_drift", explanation: "the index tells something else than the file; run reindex" };
}

/** A partial row may lack what stands in the middle, but not differ in what it tells of head and tail. */
function sameFacts(known: RolloutRow, anew: RolloutRow): boolean {
  const { firstUserMessage: knownFirst, lastItemAt: knownLast } = known.scan.facts;
  const { firstUserMessage, lastItemAt } = anew.scan.facts;
  if (known.scan.isPartial) return knownFirst?.text === firstUserMessage?.text && knownLast === lastItemAt;
  return JSON.stringify(sorted(known.scan.facts)) === JSON.stringify(sorted(anew.scan.facts));
}

function sorted(facts: object): unknown {
  return Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1));
}

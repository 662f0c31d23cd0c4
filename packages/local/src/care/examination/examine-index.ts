import { isThreadStoreError, type ThreadId } from "@threadstore/core";
import type { IndexDatabase } from "../../index/index-database.js";
import { journalStateOf } from "../../index/journal-threads.js";
import { type RolloutRow, readRolloutRow, rolloutAt } from "../../index/rollout-row.js";
import { METADATA_JOURNAL } from "../../journal/metadata-journal.js";
import type { ThreadState } from "../../journal/thread-state.js";
import type { LocalHome } from "../../local-home.js";
import { readStateDatabase, STATE_DATABASE } from "../../neighbour/state-database.js";
import type { ExaminedRollout } from "./examine-rollout.js";
import { aboutFile, findingIn, type HomeFinding } from "./finding.js";

/** The index of a home while its files are compared with it; it may refuse to answer. */
export class IndexExamination {
  readonly #home: LocalHome;
  #refusal: string | null = null;
  readonly #drifted: ExaminedRollout[] = [];

  private constructor(home: LocalHome) {
    this.#home = home;
  }

  /** Brings the index up to date, so that what differs afterwards is wrong and not only old. */
  static async begin(home: LocalHome): Promise<IndexExamination> {
    const examination = new IndexExamination(home);
    await examination.#ask(() => null);
    return examination;
  }

  /** Compares what the index knows of a file with what the file says. */
  async compare(rollout: ExaminedRollout): Promise<void> {
    const known = await this.#ask((index) => rolloutAt(index, rollout.file.path), { asIs: true });
    if (this.#refusal === null && rollout.row && !agrees(known ?? undefined, rollout.row)) this.#drifted.push(rollout);
  }

  /** What differs, edges that lead nowhere, and what is known of threads that are gone. */
  async finish(isThere: (threadId: ThreadId) => boolean): Promise<HomeFinding[]> {
    const drift = await this.#confirmDrift();
    const beside = await this.#ask((index) => [...edgeFindings(index, isThere), ...goneFindings(index, isThere)]);
    return [...drift, ...(beside ?? []), ...this.#refusalFindings(), ...databaseFindings(this.#home)];
  }

  /** A file that grew while it was looked at differs from the index only until both are looked at again. */
  async #confirmDrift(): Promise<HomeFinding[]> {
    if (this.#drifted.length === 0) return [];
    const { files, home } = this.#home;
    const findings = await this.#ask((index) =>
      this.#drifted.flatMap(({ file, threadId }) => {
        const status = files.status(`${home}/${file.path}`);
        const anew = status && readRolloutRow(files, home, { path: file.path, status }, { isComplete: true });
        const known = rolloutAt(index, file.path);
        if (!anew || agrees(known, anew)) return [];
        const what = known ? "the index tells something else than the file" : "the index does not know the file";
        return [findingIn(file.path, threadId, aboutFile("index_drift", what))];
      }),
    );
    return findings ?? [];
  }

  async #ask<T>(work: (index: IndexDatabase) => T, options: { readonly asIs?: boolean } = {}): Promise<T | null> {
    if (this.#refusal !== null) return null;
    try {
      return await this.#home.index.query(work, options);
    } catch (error) {
      if (!isThreadStoreError(error)) throw error;
      this.#refusal = error.message;
      return null;
    }
  }

  #refusalFindings(): HomeFinding[] {
    if (this.#refusal === null) return [];
    return [findingIn("threadstore/cache/index.sqlite", null, aboutFile("index_unavailable", this.#refusal))];
  }
}

/** A partial row may lack what stands in the middle, but not differ in what it tells of head and tail. */
function agrees(known: RolloutRow | undefined, anew: RolloutRow): boolean {
  if (!known || known.threadId !== anew.threadId) return false;
  const { firstUserMessage: knownFirst, lastItemAt: knownLast } = known.scan.facts;
  const { firstUserMessage, lastItemAt } = anew.scan.facts;
  if (known.scan.isPartial) return knownFirst?.text === firstUserMessage?.text && knownLast === lastItemAt;
  return JSON.stringify(sorted(known.scan.facts)) === JSON.stringify(sorted(anew.scan.facts));
}

function sorted(facts: object): unknown {
  return Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1));
}

type IsThere = (threadId: ThreadId) => boolean;

function edgeFindings(index: IndexDatabase, isThere: IsThere): HomeFinding[] {
  return index.all("SELECT parent_thread_id, child_thread_id FROM edges ORDER BY child_thread_id").flatMap((row) => {
    const [parent, child] = [String(row.parent_thread_id), String(row.child_thread_id)];
    const gone = [parent, child].filter((threadId) => !isThere(threadId));
    if (gone.length === 0) return [];
    const explanation = `the edge from ${parent} to ${child} leads nowhere: ${gone.join(" and ")} is not in this home`;
    return [findingIn(tellerOf(index, child), child, aboutFile("dangling_edge", explanation))];
  });
}

/** The file that tells the edge of a child. */
function tellerOf(index: IndexDatabase, child: ThreadId): string {
  const born = journalStateOf(index, child);
  if (born.edge !== undefined || born.born?.edge !== undefined) return METADATA_JOURNAL;
  const path = index.get("SELECT path FROM threads WHERE thread_id = ?", child)?.path;
  const isTheirs = index.get("SELECT record FROM neighbour_threads WHERE thread_id = ?", child);
  return isTheirs || path === undefined ? STATE_DATABASE : String(path);
}

/** Metadata of threads that have no rollout; what a deletion leaves, and what a thread is born with, are no damage. */
function goneFindings(index: IndexDatabase, isThere: IsThere): HomeFinding[] {
  return index.all("SELECT thread_id, state FROM journal_threads ORDER BY thread_id").flatMap((row) => {
    const threadId = String(row.thread_id);
    const { edge: _edge, born: _born, ...rest } = JSON.parse(String(row.state)) as ThreadState;
    if (isThere(threadId) || Object.keys(rest).length === 0) return [];
    const explanation = "the journal keeps the metadata of a thread that has no rollout in this home";
    return [findingIn(METADATA_JOURNAL, threadId, aboutFile("unfinished_delete", explanation))];
  });
}

function databaseFindings({ files, home }: LocalHome): HomeFinding[] {
  if (readStateDatabase(files, home) !== null) return [];
  const explanation = "the database of the real Codex is locked, damaged, or of a shape that is not known";
  return [findingIn(STATE_DATABASE, null, aboutFile("database_unreadable", explanation))];
}

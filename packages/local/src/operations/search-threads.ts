import { encodeOrdinalCursor, type HistoryMode, type StoredThread } from "@threadstore/core";
import {
  comparePlaces,
  type FoundThread,
  foundValue,
  holdsTerm,
  isPlaceFrom,
  type TextScope,
  type ThreadSearchPage,
  type ThreadSearchQuery,
} from "@threadstore/core/driver";
import type { IndexDatabase } from "../index/index-database.js";
import { lineageOf } from "../index/lineage.js";
import { type IndexListQuery, listThreads } from "../index/list-query.js";
import { findThread } from "../index/thread-lookup.js";
import type { LocalHome } from "../local-home.js";
import { matchExpression } from "../search/term-candidates.js";
import { fileOfDoc, threadsOfFiles } from "../search/text-files.js";
import { findTexts, ordinalAt, type TextPlace, type TextQuery, turnBefore } from "../search/thread-texts.js";
import { HistoryFiles } from "../turns/history-files.js";
import { listTurns } from "./list-turns.js";

/** Bytes that a search indexes before it answers; more is indexed in the background. */
const CATCH_UP_MAX_BYTES = 8 * 1024 * 1024;
/** Documents that may hold a term, up to which their threads are looked at alone, and no others. */
const CANDIDATES_MAX = 2_000;
const THREADS_AT_ONCE = 100;

/** Threads that hold a term. What the text index lacks is indexed first, or counted. */
export async function searchThreads(home: LocalHome, query: ThreadSearchQuery): Promise<ThreadSearchPage> {
  const { useIndexOnly, scansMissing } = query;
  const missing = await home.texts.catchUp({
    asIs: useIndexOnly,
    ...(scansMissing ? {} : { maxBytes: CATCH_UP_MAX_BYTES }),
  });
  if (missing > 0) home.texts.startBackground();
  const found = await home.index.query((index) => new ThreadSearch(home, index, query).page(), { asIs: true });
  const threads = await Promise.all(found.threads.map((one) => withTurn(home, one)));
  return { threads, more: found.more, ...(missing > 0 ? { missing } : {}) };
}

/** The turn of a text, or an ordinal within it; null for a name, and for what stands before the first turn. */
type TurnPlace = { readonly turnId: string } | { readonly ordinal: number } | null;

interface Hit extends FoundThread {
  readonly turn: TurnPlace;
}

class ThreadSearch {
  readonly #home: LocalHome;
  readonly #index: IndexDatabase;
  readonly #query: ThreadSearchQuery;
  readonly #texts: TextQuery;

  constructor(home: LocalHome, index: IndexDatabase, query: ThreadSearchQuery) {
    const { term, scopes, order } = query;
    const isIndexed = !scopes.has("tools") && !scopes.has("reasoning");
    this.#home = home;
    this.#index = index;
    this.#query = query;
    this.#texts = {
      term,
      scopes: new Set([...scopes].filter((scope): scope is TextScope => scope !== "names")),
      expression: isIndexed ? matchExpression(index, term) : null,
      isFirstEnough: order.key !== "rank",
    };
  }

  page(): { readonly threads: readonly Hit[]; readonly more: boolean } {
    const { order, position, pageSize } = this.#query;
    if (order.key === "rank") return this.#rankedPage();
    const hits: Hit[] = [];
    const list = { ...this.#list(), order: { key: order.key, direction: order.direction } };
    for (const thread of this.#threads({ ...list, ...(position ? { position } : {}) })) {
      const hit = this.#find(thread);
      if (hit) hits.push(hit);
      if (hits.length > pageSize) break;
    }
    return { threads: hits.slice(0, pageSize), more: hits.length > pageSize };
  }

  /** Every thread that holds the term has to be known before the first is told. */
  #rankedPage() {
    const { order, position, pageSize } = this.#query;
    const hits = [...this.#threads({ ...this.#list(), order: { key: "updatedAt", direction: "desc" } })]
      .flatMap((thread) => this.#find(thread) ?? [])
      .map((hit) => ({ hit, place: { value: foundValue(hit, "rank"), threadId: hit.thread.threadId } }))
      .sort((a, b) => comparePlaces(a.place, b.place, order.direction))
      .filter(({ place }) => !position || isPlaceFrom(place, position, order.direction));
    return { threads: hits.slice(0, pageSize).map(({ hit }) => hit), more: hits.length > pageSize };
  }

  #list(): Omit<IndexListQuery, "order"> {
    const { sources, modelProviders, cwds, archived, relation, updatedSince } = this.#query;
    const threadIds = this.#candidates();
    return {
      sources,
      modelProviders,
      cwds,
      archived,
      pageSize: THREADS_AT_ONCE,
      ...(relation ? { relation } : {}),
      ...(updatedSince === undefined ? {} : { updatedSince }),
      ...(threadIds ? { threadIds } : {}),
    };
  }

  /** The only threads that may hold the term; null when they are too many to be told. */
  #candidates(): string[] | null {
    const { expression, scopes } = this.#texts;
    if (expression === null && scopes.size > 0) return null;
    const docs = expression === null ? [] : this.#documents(expression);
    if (docs.length > CANDIDATES_MAX) return null;
    const named = this.#query.scopes.has("names") ? this.#named() : [];
    return [...new Set([...threadsOfFiles(this.#index, [...new Set(docs.map(fileOfDoc))]), ...named])];
  }

  #documents(expression: string): number[] {
    const rows = this.#index.all(
      `SELECT rowid AS doc FROM texts WHERE texts MATCH ? LIMIT ${CANDIDATES_MAX + 1}`,
      expression,
    );
    return rows.map(({ doc }) => Number(doc));
  }

  #named(): string[] {
    const sql = "SELECT thread_id AS id FROM threads WHERE instr(name_text, ?) > 0";
    const rows = this.#index.all(sql, this.#query.term);
    return rows.map(({ id }) => String(id));
  }

  *#threads(query: IndexListQuery): Generator<StoredThread> {
    let next: IndexListQuery = query;
    for (;;) {
      const { threads, more } = listThreads(this.#index, next);
      yield* threads;
      const last = threads.at(-1);
      if (!more || !last) return;
      const { key } = query.order;
      const value = key === "section" ? "" : last[key];
      next = { ...query, position: { value, threadId: last.threadId, inclusive: false } };
    }
  }

  #find(thread: StoredThread): Hit | null {
    const { scopes, term } = this.#query;
    const isNamed = scopes.has("names") && thread.name !== undefined && holdsTerm(thread.name, term);
    const found = this.#texts.scopes.size > 0 ? this.#findTexts(thread) : null;
    if (found) return { thread, rank: found.rank + (isNamed ? 1 : 0), text: found.text, turn: found.turn };
    return isNamed ? { thread, text: thread.name as string, rank: 1, turn: null } : null;
  }

  #findTexts({ threadId, historyMode }: StoredThread): Pick<Hit, "text" | "rank" | "turn"> | null {
    const { rollout } = findThread(this.#index, { threadId, includeArchived: true });
    using files = new HistoryFiles(this.#home, lineageOf(this.#index, rollout));
    const found = findTexts(this.#index, { files, threadId }, this.#texts);
    return found && { text: found.first, rank: found.count, turn: turnOf(files, found.place, historyMode) };
  }
}

/** The turn of a place. Those of legacy rollouts are told by counting: which one holds an ordinal is asked of their index. */
function turnOf(files: HistoryFiles, place: TextPlace, historyMode: HistoryMode): TurnPlace {
  const file = files.part(place.part);
  if (historyMode === "legacy") return { ordinal: ordinalAt(file, place) };
  const turnId = place.turnId ?? turnBefore(file, place);
  return turnId === undefined ? null : { turnId };
}

async function withTurn(home: LocalHome, { turn, ...found }: Hit): Promise<FoundThread> {
  const turnId = turn && ("turnId" in turn ? turn.turnId : await turnAt(home, found.thread.threadId, turn.ordinal));
  return turnId ? { ...found, turnId } : found;
}

/** The last turn that began at an ordinal or before. */
async function turnAt(home: LocalHome, threadId: string, ordinal: number): Promise<string | undefined> {
  const cursor = encodeOrdinalCursor({ threadId, kind: "turns" }, { ordinal, inclusive: true });
  const query = { threadId, includeArchived: true, cursor, pageSize: 1, itemsView: "notLoaded" } as const;
  const { data } = await listTurns(home, query);
  return data[0]?.turnId;
}

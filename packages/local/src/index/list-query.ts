import type { StoredThread } from "@threadstore/core";
import {
  comparableFolder,
  foldCase,
  listedKinds,
  relatedThreads,
  showsUnvisited,
  type ThreadListPage,
  type ThreadListQuery,
} from "@threadstore/core/driver";
import { childEdges } from "./edges.js";
import type { IndexDatabase, Value } from "./index-database.js";

const SORT_COLUMNS = {
  createdAt: "created_at",
  updatedAt: "updated_at",
  recencyAt: "recency_at",
  section: "section_value",
} as const;

/** A list as searches ask for it too. */
export interface IndexListQuery extends Omit<ThreadListQuery, "archived" | "useIndexOnly"> {
  /** Null: archived threads among the others. */
  readonly archived: boolean | null;
  readonly updatedSince?: string;
  /** Only these threads. */
  readonly threadIds?: readonly string[];
}

/** Answers a list from the index. */
export function listThreads(index: IndexDatabase, query: IndexListQuery): ThreadListPage {
  const conditions = new Conditions();
  addFilters(conditions, query);
  addRelation(conditions, index, query);
  addPosition(conditions, query);
  const column = SORT_COLUMNS[query.order.key];
  const direction = query.order.direction === "asc" ? "ASC" : "DESC";
  // A search has to look at nearly every row: one pass over the table beats following a sorted index to each of them.
  const access = query.searchTerm ? "NOT INDEXED" : "";
  const rows = index.all(
    `SELECT summary FROM (SELECT ${column} AS value, thread_id, key FROM threads ${access} WHERE ${conditions.sql()}
       ORDER BY ${column} ${direction}, thread_id ${direction} LIMIT ?)
     JOIN summaries USING (key) ORDER BY value ${direction}, thread_id ${direction}`,
    ...conditions.values,
    query.pageSize + 1,
  );
  const threads = rows.slice(0, query.pageSize).map((row) => JSON.parse(String(row.summary)) as StoredThread);
  return { threads, more: rows.length > query.pageSize };
}

class Conditions {
  readonly values: Value[] = [];
  readonly #terms: string[] = [];

  add(term: string, ...values: Value[]): void {
    this.#terms.push(term);
    this.values.push(...values);
  }

  addOneOf(column: string, values: Iterable<string>): void {
    this.add(`${column} IN (SELECT value FROM json_each(?))`, JSON.stringify([...values]));
  }

  sql(): string {
    return this.#terms.join(" AND ");
  }
}

function addFilters(conditions: Conditions, query: IndexListQuery): void {
  // Some condition there has to be.
  if (query.archived === null) conditions.add("archived IN (0, 1)");
  else conditions.add("archived = ?", query.archived ? 1 : 0);
  if (query.updatedSince !== undefined) conditions.add("updated_at >= ?", query.updatedSince);
  if (query.threadIds) conditions.addOneOf("thread_id", query.threadIds);
  if (!showsUnvisited(query)) conditions.add("has_preview = 1");
  const kinds = listedKinds(query);
  if (kinds) conditions.addOneOf("source_kind", kinds);
  if (query.modelProviders) conditions.addOneOf("model_provider", query.modelProviders);
  if (query.cwds) conditions.addOneOf("cwd", query.cwds.map(comparableFolder));
  if (query.searchTerm) conditions.add("instr(search_text, ?) > 0", foldCase(query.searchTerm));
  const { sectionId, projectId, attachedTo, includeAttached, excludedThreadIds } = query.neighbour ?? {};
  if (sectionId !== undefined) conditions.add("section_id IS ?", sectionId);
  if (projectId !== undefined) conditions.add("project_id IS ?", projectId);
  if (attachedTo !== undefined) conditions.add("attached_to = ?", attachedTo);
  else if (!includeAttached) conditions.add("attached_to IS NULL");
  if (excludedThreadIds?.length) {
    conditions.add("thread_id NOT IN (SELECT value FROM json_each(?))", JSON.stringify(excludedThreadIds));
  }
}

function addRelation(conditions: Conditions, index: IndexDatabase, { relation }: IndexListQuery): void {
  if (!relation) return;
  const related = relatedThreads((parent) => childEdges(index, parent), relation);
  conditions.addOneOf("thread_id", related);
}

function addPosition(conditions: Conditions, { position, order }: IndexListQuery): void {
  if (!position) return;
  const comparison = (order.direction === "asc" ? ">" : "<") + (position.inclusive ? "=" : "");
  const column = SORT_COLUMNS[order.key];
  conditions.add(`(${column}, thread_id) ${comparison} (?, ?)`, position.value, position.threadId);
}

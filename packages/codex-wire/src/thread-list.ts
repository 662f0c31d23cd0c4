import type { ListThreadsParams, NeighbourFilter, SortDirection, SourceKind, ThreadStore } from "@threadstore/core";
import { type ApiThread, toApiThread } from "./api-thread.js";
import { type ApiListOrder, type ApiSortKey, backwardsCursorOf, nextCursorOf, STORE_SORT_KEYS } from "./list-cursor.js";
import { pageLimitOf } from "./page-limit.js";
import { toStoreCursor } from "./store-cursor.js";
import { invalidRequest } from "./wire-errors.js";

/** The parameters of Codex's `thread/list`, as far as a store answers them. Null is absent unless it says otherwise. */
export interface ApiThreadListParams {
  readonly cursor?: string | null;
  /** Default 25; 0 counts as 1, more than 100 as 100. */
  readonly limit?: number | null;
  /** Default `created_at`. */
  readonly sortKey?: ApiSortKey | null;
  /** Default `desc`; `asc` for positions in a section. */
  readonly sortDirection?: SortDirection | null;
  /** Empty: the default kinds. */
  readonly sourceKinds?: readonly SourceKind[] | null;
  /** Empty: all. */
  readonly modelProviders?: readonly string[] | null;
  readonly archived?: boolean | null;
  /** One folder or several; relative ones start at `serverCwd`. */
  readonly cwd?: string | readonly string[] | null;
  readonly searchTerm?: string | null;
  readonly useStateDbOnly?: boolean | null;
  readonly parentThreadId?: string | null;
  readonly ancestorThreadId?: string | null;
  readonly attachedToThreadId?: string | null;
  readonly includeAttachedThreads?: boolean | null;
  readonly excludedThreadIds?: readonly string[] | null;
  /** Null: threads in no section. */
  readonly sectionId?: string | null;
  /** Null: threads in no project. */
  readonly projectId?: string | null;
}

export interface ApiThreadPage {
  readonly data: readonly ApiThread[];
  readonly nextCursor: string | null;
  readonly backwardsCursor: string | null;
}

/** Answers Codex's `thread/list` from any store, with Codex's own cursors. @throws `invalid_request` a bad cursor. */
export async function listApiThreads(
  store: ThreadStore,
  params: ApiThreadListParams,
  context: { readonly serverCwd: string },
): Promise<ApiThreadPage> {
  const order = orderOf(params);
  const query = storeQuery(params, order, context.serverCwd);
  const cursor =
    typeof params.cursor === "string" ? await toStoreCursor(store, { cursor: params.cursor, query, order }) : null;
  const page = await store.listThreads(cursor === null ? query : { ...query, cursor });
  const first = page.data[0];
  const last = page.data.at(-1);
  return {
    data: page.data.map(toApiThread),
    nextCursor: page.nextCursor !== null && last ? nextCursorOf(last, order) : null,
    backwardsCursor: first ? backwardsCursorOf(first, order) : null,
  };
}

function orderOf(params: ApiThreadListParams): ApiListOrder {
  const sortKey = params.sortKey ?? "created_at";
  return { sortKey, sortDirection: params.sortDirection ?? (sortKey === "section_position" ? "asc" : "desc") };
}

function storeQuery(params: ApiThreadListParams, order: ApiListOrder, serverCwd: string): ListThreadsParams {
  const { sourceKinds, modelProviders, cwd, searchTerm } = params;
  const neighbour = neighbourFilter(params, order);
  const relation = relationOf(params);
  return {
    pageSize: pageLimitOf(params.limit),
    sortDirection: order.sortDirection,
    ...(order.sortKey === "section_position" ? {} : { sortKey: STORE_SORT_KEYS[order.sortKey] }),
    ...(sourceKinds ? { sources: sourceKinds } : {}),
    ...(modelProviders ? { modelProviders } : {}),
    ...(params.archived ? { archived: true } : {}),
    ...(cwd === undefined || cwd === null ? {} : { cwds: [cwd].flat().map((path) => absolutePath(path, serverCwd)) }),
    ...(searchTerm ? { searchTerm } : {}),
    ...(params.useStateDbOnly ? { useIndexOnly: true } : {}),
    ...(relation ? { relation } : {}),
    ...(neighbour ? { neighbour } : {}),
  };
}

function relationOf({ parentThreadId, ancestorThreadId }: ApiThreadListParams): ListThreadsParams["relation"] {
  if (parentThreadId && ancestorThreadId)
    throw invalidRequest("parentThreadId and ancestorThreadId are mutually exclusive");
  if (parentThreadId) return { childrenOf: parentThreadId };
  return ancestorThreadId ? { descendantsOf: ancestorThreadId } : undefined;
}

function neighbourFilter(params: ApiThreadListParams, order: ApiListOrder): NeighbourFilter | undefined {
  const { sectionId, projectId, attachedToThreadId, includeAttachedThreads, excludedThreadIds } = params;
  if (includeAttachedThreads && !params.searchTerm) {
    throw invalidRequest("includeAttachedThreads requires a non-empty searchTerm");
  }
  if (order.sortKey === "section_position" && !sectionId) {
    throw invalidRequest("section-position sorting requires a section filter");
  }
  const filter: NeighbourFilter = {
    ...(sectionId === undefined ? {} : { sectionId }),
    ...(projectId === undefined ? {} : { projectId }),
    ...(attachedToThreadId ? { attachedTo: attachedToThreadId } : {}),
    ...(includeAttachedThreads ? { includeAttached: true } : {}),
    ...(excludedThreadIds?.length ? { excludedThreadIds } : {}),
    ...(order.sortKey === "section_position" ? { sortBySection: true } : {}),
  };
  return Object.keys(filter).length > 0 ? filter : undefined;
}

/** Joins a path to the folder it starts in and takes `.` and `..` out of it. */
function absolutePath(path: string, from: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${from}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

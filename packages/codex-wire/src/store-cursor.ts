import {
  encodeThreadCursor,
  type ListThreadsParams,
  type SearchThreadsParams,
  type ThreadStore,
} from "@threadstore/core";
import { findThread } from "./find-thread.js";
import { type ApiListOrder, parseApiCursor, positionOf } from "./list-cursor.js";
import { invalidCursor } from "./wire-errors.js";

/** A cursor of the API, and the query that it goes on with. */
export interface ApiCursorOfQuery {
  readonly cursor: string;
  readonly query: ListThreadsParams | SearchThreadsParams;
  readonly order: ApiListOrder;
}

/** The store's cursor for one of the API. @throws `invalid_request` no cursor, or that of another order. */
export async function toStoreCursor(store: ThreadStore, { cursor, query, order }: ApiCursorOfQuery): Promise<string> {
  const parsed = parseApiCursor(cursor, order.sortKey);
  const anchor = parsed?.threadId && order.sortKey === "created_at" ? await findThread(store, parsed.threadId) : null;
  const position = parsed && positionOf(parsed, order, anchor);
  if (!position) throw invalidCursor(cursor);
  return encodeThreadCursor(query, position);
}

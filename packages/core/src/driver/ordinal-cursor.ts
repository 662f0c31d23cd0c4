import type { ThreadId } from "../protocol/thread-id.js";
import { invalidRequest } from "../store/errors.js";
import { decodeCursorFields, encodeCursorFields } from "./cursor-text.js";

/** What a page of one thread is a page of; a cursor belongs to it. */
export interface OrdinalScope {
  readonly threadId: ThreadId;
  readonly kind: "turns" | "items";
  /** Only the items of this turn. */
  readonly turnId?: string;
}

/**
 * A place among the turns or items of a thread. Equal ordinals, in damaged rollouts, are told apart by their ids. Callers
 * that know only the ordinal stand for all that have it; those that know only the id, for the one that has it.
 */
export type OrdinalPosition = { readonly inclusive: boolean } & (
  | { readonly ordinal: number; readonly id?: string }
  | { readonly ordinal?: undefined; readonly id: string }
);

const VERSION = "o1";

export function encodeOrdinalCursor(scope: OrdinalScope, { ordinal, id, inclusive }: OrdinalPosition): string {
  const { threadId, kind, turnId = "" } = scope;
  return encodeCursorFields([VERSION, kind, threadId, turnId, ordinal ?? null, id ?? null, inclusive ? 1 : 0]);
}

/** The place a cursor stands for. @throws `invalid_request` not a cursor, or that of another thread, turn or list. */
export function decodeOrdinalCursor(scope: OrdinalScope, cursor: string): OrdinalPosition {
  const [version, kind, threadId, turnId, ordinal, id, inclusive] = decodeCursorFields(cursor) ?? [];
  const place = placeOf(ordinal, id);
  if (version !== VERSION || !place) throw invalidRequest(`invalid cursor: ${cursor.slice(0, 80)}`);
  if (kind === scope.kind && threadId === scope.threadId && turnId === (scope.turnId ?? "")) {
    return { ...place, inclusive: inclusive === 1 };
  }
  throw invalidRequest(`invalid cursor: it belongs to ${String(kind)} of thread ${String(threadId).slice(0, 64)}`);
}

function placeOf(ordinal: unknown, id: unknown) {
  if (typeof ordinal === "number") return typeof id === "string" ? { ordinal, id } : { ordinal };
  return typeof id === "string" ? { id } : null;
}

/** That the turn or item a cursor named by its id is gone, after a rollback. */
export function anchorGone(id: string): Error {
  return invalidRequest(`invalid cursor: anchor ${id.slice(0, 64)} is no longer present`);
}

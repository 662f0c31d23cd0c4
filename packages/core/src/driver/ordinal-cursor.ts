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

/** A place among the turns or items of a thread. Equal ordinals, in damaged rollouts, are told apart by their ids. */
export interface OrdinalPosition {
  readonly ordinal: number;
  readonly id: string;
  readonly inclusive: boolean;
}

const VERSION = "o1";

export function encodeOrdinalCursor(scope: OrdinalScope, { ordinal, id, inclusive }: OrdinalPosition): string {
  const { threadId, kind, turnId = "" } = scope;
  return encodeCursorFields([VERSION, kind, threadId, turnId, ordinal, id, inclusive ? 1 : 0]);
}

/** The place a cursor stands for. @throws `invalid_request` not a cursor, or that of another thread, turn or list. */
export function decodeOrdinalCursor(scope: OrdinalScope, cursor: string): OrdinalPosition {
  const [version, kind, threadId, turnId, ordinal, id, inclusive] = decodeCursorFields(cursor) ?? [];
  if (version !== VERSION || typeof ordinal !== "number" || typeof id !== "string") {
    throw invalidRequest(`invalid cursor: ${cursor.slice(0, 80)}`);
  }
  if (kind === scope.kind && threadId === scope.threadId && turnId === (scope.turnId ?? "")) {
    return { ordinal, id, inclusive: inclusive === 1 };
  }
  throw invalidRequest(`invalid cursor: it belongs to ${String(kind)} of thread ${String(threadId).slice(0, 64)}`);
}

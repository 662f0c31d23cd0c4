import { objectField, parseThreadId, type ThreadId, textField } from "@threadstore/core";
import { isCount, parseCursorFields } from "./cursor-fields.js";
import { invalidCursor } from "./wire-errors.js";

/** What a cursor goes through: the turns of a thread, or its items in the order in which they began. */
export interface HistoryCursorScope {
  readonly threadId: ThreadId;
  readonly kind: "turns" | "itemsByCreatedAtOrdinal";
}

/** A place among ordinals. */
export interface OrdinalAnchor {
  readonly ordinal: number;
  readonly inclusive: boolean;
}

/** A place beside a turn. */
export interface TurnAnchor {
  readonly id: string;
  readonly inclusive: boolean;
}

/** The cursor of a place in a history. */
export function formatOrdinalCursor({ threadId, kind }: HistoryCursorScope, anchor: OrdinalAnchor): string {
  const { ordinal, inclusive } = anchor;
  return JSON.stringify({
    requestedThreadId: threadId,
    rolloutOrdinal: ordinal,
    includeAnchor: inclusive,
    scope: { kind },
  });
}

/** @throws `invalid_request` no cursor, or that of another thread or list. */
export function parseOrdinalCursor(scope: HistoryCursorScope, cursor: string): OrdinalAnchor {
  const fields = parseCursorFields(cursor);
  const { rolloutOrdinal: ordinal, includeAnchor: inclusive } = fields;
  const isOfScope =
    parseThreadId(textField(fields, "requestedThreadId") ?? "") === scope.threadId &&
    objectField(fields, "scope")?.kind === scope.kind;
  if (isOfScope && isCount(ordinal) && typeof inclusive === "boolean") return { ordinal, inclusive };
  throw invalidCursor(cursor);
}

/** The cursor of a place among the turns of a legacy thread. */
export function formatTurnCursor({ id, inclusive }: TurnAnchor): string {
  return JSON.stringify({ turnId: id, includeAnchor: inclusive });
}

/** @throws `invalid_request` no such cursor. */
export function parseTurnCursor(cursor: string): TurnAnchor {
  const { turnId: id, includeAnchor: inclusive } = parseCursorFields(cursor);
  if (typeof id === "string" && typeof inclusive === "boolean") return { id, inclusive };
  throw invalidCursor(cursor);
}

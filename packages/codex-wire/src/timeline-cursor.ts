import { parseThreadId, type ThreadId, textField } from "@threadstore/core";
import { isCount, parseCursorFields } from "./cursor-fields.js";
import type { ApiTimelineEntry } from "./timeline-entry.js";
import { invalidRequest } from "./wire-errors.js";

/** Where an entry stands: by its position, then by what it is, then by the id of its turn or item. */
export interface TimelineKey {
  readonly position: number;
  readonly kind: number;
  readonly id: string;
}

const KINDS: Readonly<Record<ApiTimelineEntry["type"], number>> = { turnStarted: 0, item: 1, turnCompleted: 3 };
const KIND_MAX = 255;

export function timelineKeyOf(entry: ApiTimelineEntry): TimelineKey {
  const id = entry.type === "item" ? entry.item.id : entry.turnId;
  return { position: entry.position, kind: KINDS[entry.type], id };
}

export function compareTimelineKeys(a: TimelineKey, b: TimelineKey): number {
  if (a.position !== b.position) return a.position - b.position;
  if (a.kind !== b.kind) return a.kind - b.kind;
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
}

/** The cursor that goes on before an entry. */
export function formatTimelineCursor(threadId: ThreadId, { position, kind, id }: TimelineKey): string {
  return JSON.stringify({ threadId, position, kind, id });
}

/** @throws `invalid_request` no cursor, or that of another thread. */
export function parseTimelineCursor(threadId: ThreadId, cursor: string): TimelineKey {
  const fields = parseCursorFields(cursor);
  const { position, kind, id } = fields;
  const cursorThreadId = parseThreadId(textField(fields, "threadId") ?? "");
  const isKind = isCount(kind) && kind <= KIND_MAX;
  if (cursorThreadId === null || !isCount(position) || !isKind || typeof id !== "string") {
    throw invalidRequest("invalid thread timeline cursor");
  }
  if (cursorThreadId !== threadId) throw invalidRequest("thread timeline cursor belongs to another thread");
  return { position, kind, id };
}

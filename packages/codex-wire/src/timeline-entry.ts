import type { StoredTurn, StoredTurnItem } from "@threadstore/core";
import { type ApiTurn, type ApiTurnError, toApiTurn } from "./api-turn.js";
import { type ApiThreadItem, toApiThreadItem } from "./thread-item.js";

/** What happened at one place of a thread, as Codex's app-server sends it. A position is an ordinal. */
export type ApiTimelineEntry = ApiTurnStarted | ApiTimelineItem | ApiTurnCompleted;

export interface ApiTurnStarted {
  readonly type: "turnStarted";
  readonly position: number;
  readonly turnId: string;
  readonly startedAt: number | null;
}

export interface ApiTimelineItem {
  readonly type: "item";
  readonly position: number;
  readonly turnId: string;
  readonly item: ApiThreadItem;
}

export interface ApiTurnCompleted {
  readonly type: "turnCompleted";
  readonly position: number;
  readonly turnId: string;
  readonly status: ApiTurn["status"];
  readonly error: ApiTurnError | null;
  readonly startedAt: number | null;
  readonly completedAt: number | null;
  readonly durationMs: number | null;
}

export function toTimelineItem(item: StoredTurnItem): ApiTimelineItem {
  return { type: "item", position: item.ordinal, turnId: item.turnId, item: toApiThreadItem(item) };
}

export function toTurnStarted(turn: StoredTurn): ApiTurnStarted {
  const { startedAt } = toApiTurn(turn);
  return { type: "turnStarted", position: turn.firstOrdinal, turnId: turn.turnId, startedAt };
}

/** The end of a turn, at the place where it was recorded. */
export function toTurnCompleted(turn: StoredTurn, position: number): ApiTurnCompleted {
  const { status, error, startedAt, completedAt, durationMs } = toApiTurn(turn);
  return { type: "turnCompleted", position, turnId: turn.turnId, status, error, startedAt, completedAt, durationMs };
}

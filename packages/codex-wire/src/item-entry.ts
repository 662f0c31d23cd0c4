import type { StoredTurnItem } from "@threadstore/core";
import { type ApiOutputDeferral, withoutOutput } from "./output-deferral.js";
import { type ApiThreadItem, toApiThreadItem } from "./thread-item.js";

/** An item among those of its thread, as Codex's app-server sends it. */
export interface ApiItemEntry {
  readonly turnId: string;
  readonly item: ApiThreadItem;
  /** Present when the item's output was left out and is there to be read. */
  readonly outputDeferred?: true;
  readonly startedAtMs: number | null;
  readonly completedAtMs: number | null;
}

/** The API form of a stored item among others. Nothing is left out unless that is asked for. */
export function toApiItemEntry(stored: StoredTurnItem, deferral: ApiOutputDeferral = {}): ApiItemEntry {
  const whole = toApiThreadItem(stored);
  const shortened = withoutOutput(whole, deferral);
  return {
    turnId: stored.turnId,
    item: shortened ?? whole,
    ...(shortened ? { outputDeferred: true } : {}),
    startedAtMs: whole.startedAtMs,
    completedAtMs: whole.completedAtMs,
  };
}

import { type HistoryMode, type Instant, instantFromMs, parseInstant, type RolloutItem } from "@threadstore/core";
import type { FoldedItem } from "@threadstore/core/driver";

/** A rollout of a history, as bytes. */
export interface RolloutBytes {
  readonly bytes: Buffer;
  readonly historyMode: HistoryMode;
  /** Where the history goes on in another rollout; null: it does not. */
  readonly endOrdinalExclusive: number | null;
}

/** Reads a history as docs/rollout-format.md has it, by nothing of what the store reads it with. */
export function parseRollouts(rollouts: readonly RolloutBytes[]): FoldedItem[] {
  return rollouts.flatMap((rollout) => {
    const end = rollout.endOrdinalExclusive ?? Number.POSITIVE_INFINITY;
    return parseRollout(rollout).filter(({ ordinal }) => ordinal < end);
  });
}

function parseRollout({ bytes, historyMode }: RolloutBytes): FoldedItem[] {
  const items: FoldedItem[] = [];
  let next = 0;
  let before: Instant = instantFromMs(0);
  for (const line of linesOf(bytes)) {
    if (line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d)) continue;
    const record = recordOf(line);
    if (record) {
      before = (typeof record.timestamp === "string" ? parseInstant(record.timestamp) : null) ?? before;
      const isRecorded =
        historyMode === "paginated" && Number.isSafeInteger(record.ordinal) && Number(record.ordinal) >= 0;
      next = isRecorded ? Number(record.ordinal) : next;
      items.push({ ordinal: next, timestamp: before, item: record as unknown as RolloutItem });
    }
    if (record || historyMode === "legacy") next++;
  }
  return items;
}

function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, at);
    const end = newline < 0 ? bytes.length : newline;
    lines.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return lines;
}

function recordOf(line: Buffer): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line));
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject && typeof (value as { type?: unknown }).type === "string"
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

import type { ApiThread, ApiThreadPage } from "@threadstore/codex-wire";
import { expect } from "vitest";
import type { RecordedPage } from "./recorded-rows.js";

interface ExpectedCursors {
  readonly recorded: RecordedPage;
  /** As the call asked for it. */
  readonly sortKey: unknown;
}

/** The same cursors, where they are those of the same threads. */
export function expectSameCursors(ours: ApiThreadPage, { recorded, sortKey = "created_at" }: ExpectedCursors): void {
  const isSameEnd = ours.data.at(-1)?.id === recorded.data.at(-1)?.id;
  if (isSameEnd && sortKey !== "recency_at") expect(ours.nextCursor).toBe(recorded.nextCursor);
  if (ours.data[0]?.id !== recorded.data[0]?.id) return;
  if (ours.backwardsCursor === null || recorded.backwardsCursor === null || sortKey === "section_position") {
    expect(ours.backwardsCursor).toBe(recorded.backwardsCursor);
    return;
  }
  expectSameAnchor(ours.data[0], { ours: ours.backwardsCursor, recorded: recorded.backwardsCursor, sortKey });
}

interface AnchorCursors {
  readonly ours: string;
  readonly recorded: string;
  readonly sortKey: unknown;
}

/** Database bookkeeping: answers from its database count in whole seconds, and recency is when the row was written. */
function expectSameAnchor(first: ApiThread | undefined, { ours, recorded, sortKey }: AnchorCursors): void {
  const step = Math.abs(Date.parse(recorded) - Date.parse(ours));
  const predatesRecency = first?.cliVersion !== "0.169.0" && sortKey === "recency_at";
  expect(step, `${ours} against ${recorded}`).toBeLessThan(predatesRecency ? 5_000 : 1_001);
}

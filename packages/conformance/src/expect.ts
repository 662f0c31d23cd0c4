import assert from "node:assert/strict";
import { isThreadStoreError, type Page, type StoredThread, type ThreadStoreErrorCode } from "@threadstore/core";

export const equal: (actual: unknown, expected: unknown, message?: string) => void = assert.deepEqual;

export function ok(value: unknown, message: string): asserts value {
  assert.ok(value, message);
}

/** Expects a rejection with an error code, and a message that says what the pattern says. */
export async function rejects(work: Promise<unknown>, code: ThreadStoreErrorCode, pattern?: RegExp): Promise<void> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(isThreadStoreError(error), `expected ${code}, got ${String(error)}`);
  assert.equal(error.code, code, error.message);
  if (pattern) assert.match(error.message, pattern);
}

/** The ids on a page, in order. */
export function idsOf(page: Pick<Page<StoredThread>, "data">): string[] {
  return page.data.map((thread) => thread.threadId);
}

/** A summary without what a store may choose for itself. */
export function comparable(thread: StoredThread): unknown {
  const { rolloutPath: _path, revision: _revision, archivedAt, partial: _partial, ...rest } = thread;
  return { ...rest, isArchived: archivedAt !== undefined };
}

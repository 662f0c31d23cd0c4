import type { DriverAppend, DriverAppendResult } from "../driver/thread-store-driver.js";
import type { ThreadId } from "../protocol/thread-id.js";
import { conflict } from "../store/errors.js";
import { DEFAULT_LIMITS } from "../store/limits.js";
import type { MemoryThread } from "./memory-thread.js";

type RememberedAppend = MemoryThread["appends"] extends Map<string, infer A> ? A : never;

/** The first result of an append that is repeated. @throws `conflict` the key was used for other items. */
export function repeatedResult(known: RememberedAppend, p: DriverAppend, threadId: ThreadId): DriverAppendResult {
  const isSame =
    known.items.length === p.items.length && known.items.every((item, at) => item.json === p.items[at]?.json);
  if (!isSame) throw conflict(`thread ${threadId}: the idempotency key was used for other items`);
  return { ...known.result, repeated: true };
}

/** Remembers an append by its key, and forgets the oldest one beyond the limit. */
export function rememberAppend(thread: MemoryThread, key: string, append: RememberedAppend): void {
  thread.appends.set(key, append);
  const [oldest] = thread.appends.keys();
  if (thread.appends.size > DEFAULT_LIMITS.idempotencyKeysPerThread && oldest !== undefined) {
    thread.appends.delete(oldest);
  }
}

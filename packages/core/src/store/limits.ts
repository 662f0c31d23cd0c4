/** Every bound a store enforces. A request over a bound is refused whole; nothing is cut silently. */
export interface StoreLimits {
  /** Rows on one page. A page is held in memory and often sent in one message. */
  readonly pageMaxItems: number;
  /** Rows on a page when the caller names no size: one screen. */
  readonly pageDefaultItems: number;
  /** Items in one append. Bounds the time a thread's lock is held; longer appends are split by the caller. */
  readonly appendMaxItems: number;
  /** Characters of all items of one append: it is put together in memory, and is one write. */
  readonly appendMaxCharacters: number;
  /** UTF-8 bytes of one appended item. The largest real items (images in base64) stay below it; readers take longer ones. */
  readonly lineMaxBytes: number;
  /** UTF-8 bytes of history in one batch: large enough to spread the cost of a read, small enough to hold several. */
  readonly historyBatchBytes: number;
  /** Code points of a preview or a title, the ellipsis included: lists stay small whatever the first message was. */
  readonly previewMaxCharacters: number;
  /** Code points of a thread name: it is copied into every listing. */
  readonly nameMaxCharacters: number;
  /** Code points of a search term: longer than anything a person types, shorter than a pasted file. */
  readonly searchTermMaxCharacters: number;
  /** Characters of a cursor: ours are under 300; a longer one is not ours. */
  readonly cursorMaxCharacters: number;
  /** Characters of an idempotency key: room for a UUID and a prefix. */
  readonly idempotencyKeyMaxCharacters: number;
  /** Keys remembered for a thread: a retry comes soon, and memory must not grow with the thread. */
  readonly idempotencyKeysPerThread: number;
  /** Values in one filter (folders, providers, excluded threads): a query is matched row by row. */
  readonly filterMaxValues: number;
  /** Threads whose changes wait for a watcher that names no number: more than a person follows, little to hold. */
  readonly watchBufferThreads: number;
  /** The largest such number a watcher may name: one that is further behind does better to list anew. */
  readonly watchBufferMaxThreads: number;
}

export const DEFAULT_LIMITS: StoreLimits = {
  pageMaxItems: 1_000,
  pageDefaultItems: 25,
  appendMaxItems: 10_000,
  appendMaxCharacters: 256 * 1024 * 1024,
  lineMaxBytes: 64 * 1024 * 1024,
  historyBatchBytes: 1024 * 1024,
  previewMaxCharacters: 1_000,
  nameMaxCharacters: 1_000,
  searchTermMaxCharacters: 1_000,
  cursorMaxCharacters: 4_096,
  idempotencyKeyMaxCharacters: 256,
  idempotencyKeysPerThread: 1_000,
  filterMaxValues: 1_000,
  watchBufferThreads: 1_000,
  watchBufferMaxThreads: 100_000,
};

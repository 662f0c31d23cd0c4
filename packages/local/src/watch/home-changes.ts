import type { StoreChange, ThreadId, WatchThreadsParams } from "@threadstore/core";
import { ChangeFeed, type ThreadChange } from "@threadstore/core/driver";
import type { FileSystem } from "../file-system/file-system.js";
import type { ChangeCount } from "../index/change-count.js";
import type { ThreadIndex } from "../index/thread-index.js";
import { mapError } from "../map-error.js";
import type { HomeWatcher, WatcherTold } from "./folder-watcher.js";
import { nextOrdinalOf } from "./next-ordinal.js";
import {
  changesBetween,
  isOwnGrowth,
  type OwnAppends,
  readThreadMark,
  readThreadMarks,
  type ThreadMark,
} from "./thread-marks.js";
import { type Cancel, quietTimers, type Timers } from "./timers.js";

export interface HomeChangesOptions {
  readonly home: string;
  readonly files: FileSystem;
  readonly index: ThreadIndex;
  readonly count: ChangeCount;
  readonly feedId: string;
  /** Watches the home. Throws, or is null, where the system cannot tell: then the home is looked at once a second. */
  readonly startWatcher: ((told: WatcherTold) => HomeWatcher) | null;
  /** Default: the system's, which keep no process alive. */
  readonly timers?: Timers;
}

/** Events come in bursts: one look for each. */
const SETTLE_MS = 50;
/** Looking costs a walk through the home: while somebody keeps writing, it is done no oftener. */
const REST_MS = 500;
const POLL_MS = 1_000;

/**
 * The changes of a home, for as long as somebody watches: those of this store as it makes them, those of others by watching
 * the folders, bringing the index up to date and comparing its threads with those before.
 */
export class HomeChanges implements AsyncDisposable {
  readonly #options: HomeChangesOptions;
  readonly #timers: Timers;
  readonly #feed: ChangeFeed;
  #readers = 0;
  #watcher: HomeWatcher | null = null;
  #cancelLook: Cancel | undefined;
  /** Whether something happened since the last look began. */
  #isLookDue = false;
  /** Counts the looks, so that only the last one arranges for another. */
  #looks = 0;
  /** The threads when they were last looked at; kept for those who come back with a position. */
  #marks: Map<ThreadId, ThreadMark> | undefined;
  /** Threads that this store appended to and told of, since they were last looked at. */
  readonly #own = new Map<ThreadId, OwnAppends>();
  /** Looks and changes of this store, one after the other: none may see a state older than the one before. */
  #queue: Promise<void> = Promise.resolve();
  #queued = 0;

  constructor(options: HomeChangesOptions) {
    this.#options = options;
    this.#timers = options.timers ?? quietTimers;
    this.#feed = new ChangeFeed({ feedId: options.feedId });
  }

  /** The changes from now on, or since a position. @throws `invalid_request` a position that no store gave. */
  watch(p: WatchThreadsParams, signal?: AbortSignal): AsyncIterable<StoreChange> {
    signal?.throwIfAborted();
    const onEnd = () => {
      if (--this.#readers === 0) this.#stop();
    };
    if (this.#readers === 0 && p.after === undefined) this.#forget();
    const subscription = this.#feed.watch(p, { onEnd, ...(signal ? { signal } : {}) });
    if (this.#readers++ === 0) this.#start();
    return subscription;
  }

  /** Nobody asks what happened while nobody watched. */
  #forget(): void {
    this.#marks = undefined;
    this.#feed.forget();
  }

  /** This store appended to a thread that is there: told at once. */
  appended(threadId: ThreadId, own: OwnAppends & { readonly nextOrdinal: number }): void {
    if (this.#readers === 0) return;
    const { path, bytes, nextOrdinal } = own;
    this.#own.set(threadId, { path, bytes });
    const tell = () => this.#feed.tell({ type: "appended", threadId, nextOrdinal });
    if (this.#queued === 0) tell();
    else this.#enqueue(async () => tell());
  }

  /** This store changed a thread otherwise. Told when the thread was looked at, so that it is not told twice. */
  changed(change: ThreadChange): void {
    if (this.#readers === 0) return;
    this.#enqueue(async () => {
      const { threadId } = change;
      const mark = await this.#options.index.query((index) => readThreadMark(index, threadId), { threadId });
      if (mark) this.#marks?.set(threadId, mark);
      else this.#marks?.delete(threadId);
      this.#own.delete(threadId);
      if (mark || change.type === "deleted") this.#feed.tell(change);
    });
  }

  /** Does work of this store that may change the home. */
  writing<T>(work: () => Promise<T>): Promise<T> {
    return this.#options.count.writing(work);
  }

  /** Ends every watch; resolves when nothing looks at the home any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#feed.end();
    await this.#queue;
  }

  #start(): void {
    this.#own.clear();
    this.#startWatcher();
    this.#look();
  }

  #startWatcher(): void {
    const { startWatcher, count } = this.#options;
    try {
      this.#watcher = startWatcher?.({ changed: () => this.#noticed(), failed: () => this.#poll() }) ?? null;
    } catch {
      // Too few watches, or a file system without any: it is looked at instead.
      this.#watcher = null;
    }
    count.mark();
    count.isWatched = this.#watcher !== null;
  }

  #stop(): void {
    this.#options.count.isWatched = false;
    this.#watcher?.close();
    this.#watcher = null;
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    this.#looks++;
  }

  /** The watcher has failed: from here on the home is looked at. */
  #poll(): void {
    this.#options.count.isWatched = false;
    this.#watcher = null;
    this.#cancelLook?.();
    this.#look();
  }

  #noticed(): void {
    this.#options.count.mark();
    this.#isLookDue = true;
    this.#cancelLook ??= this.#timers.after(SETTLE_MS, () => this.#look());
  }

  /** Looks at the home; what happens meanwhile makes another look, after a rest. */
  #look(): void {
    const look = ++this.#looks;
    this.#cancelLook = () => {};
    this.#isLookDue = false;
    this.#enqueue(async () => {
      await this.#compare();
      if (look !== this.#looks) return;
      if (this.#watcher === null) this.#cancelLook = this.#timers.after(POLL_MS, () => this.#look());
      else this.#cancelLook = this.#timers.after(REST_MS, () => this.#rested());
    });
  }

  #rested(): void {
    this.#cancelLook = undefined;
    if (this.#isLookDue) this.#look();
  }

  async #compare(): Promise<void> {
    const after = await this.#options.index.query(readThreadMarks);
    const before = this.#marks;
    this.#marks = after;
    if (!before) return;
    for (const [threadId, mark] of after) this.#tellBetween(threadId, before.get(threadId), mark);
    for (const [threadId, mark] of before) if (!after.has(threadId)) this.#tellBetween(threadId, mark, undefined);
  }

  #tellBetween(threadId: ThreadId, before: ThreadMark | undefined, after: ThreadMark | undefined): void {
    const types = changesBetween(before, after);
    if (types.length === 0) return;
    const own = this.#own.get(threadId);
    if (own && after && own.bytes <= after.bytes) this.#own.delete(threadId);
    if (own && before && after && isOwnGrowth(before, after, own)) return;
    for (const type of types) {
      const isLonger = type === "appended" || type === "created";
      const { files, home } = this.#options;
      const nextOrdinal = isLonger && after ? nextOrdinalOf(files, home, after) : undefined;
      this.#feed.tell({ type, threadId, ...(nextOrdinal === undefined ? {} : { nextOrdinal }) });
    }
  }

  /**
   * The first of a row begins at once: whoever reads after that sees no older state than it. A home that cannot be looked at
   * fails those who watch it; they may go on later from where they are.
   */
  #enqueue(work: () => Promise<void>): void {
    const run = async () => {
      if (this.#readers > 0) await work();
    };
    const done = this.#queued++ === 0 ? run() : this.#queue.then(run);
    this.#queue = done
      .catch((error) => this.#feed.end(mapError("looking for changes", error)))
      .finally(() => {
        this.#queued--;
      });
  }
}

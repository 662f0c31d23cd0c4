import type { Clock, FlushResult, HistoryMode, ThreadId } from "@threadstore/core";
import { conflict, type DriverAppend, type DriverAppendResult, readClock } from "@threadstore/core/driver";
import type { AppendKeys } from "../journal/append-keys.js";
import type { Flushable } from "../log/flushable.js";
import type { UnsyncedBytes } from "../log/unsynced-tail.js";
import { fileNameOf } from "../rollout/rollout-name.js";
import { soonInTurn } from "./event-loop-turn.js";
import { type FormattedAppends, formatAppends } from "./format-appends.js";
import type { LinesAt, Place, RolloutAppender } from "./rollout-appender.js";

/** Appends that come together are put together up to this length; what is longer is several writes. */
const WRITE_MAX_CHARACTERS = 8 * 1024 * 1024;

/** What a writer is opened with. */
export interface WriterOptions {
  readonly threadId: ThreadId;
  readonly historyMode: HistoryMode;
  readonly clock: Clock;
  /** An open rollout, or how to make one when there is something to keep. */
  readonly rollout: RolloutAppender | DeferredRollout;
  /** Reads the keys of earlier appends; called when the first append with a key comes. */
  readonly openKeys: () => AppendKeys;
  /** Resolves when the name of the rollout survives a power cut, and what was recorded before it was made. */
  readonly syncName: (path: string) => Promise<void>;
  /** Makes what was written safe, by `sync` or by keeping what is `unsynced`. Null: a flush does not wait for the disk. */
  readonly makeSafe: ((thread: Flushable) => Promise<void>) | null;
}

/** A rollout that does not exist yet. */
export interface DeferredRollout {
  readonly path: string;
  /** The ordinal of its session_meta. */
  readonly firstOrdinal: number;
  /** Makes the rollout: its session_meta and the lines after it. Nothing is left when it throws. */
  create(linesAfter: LinesAt): RolloutAppender;
}

interface Request {
  readonly append: DriverAppend;
  readonly resolve: (result: DriverAppendResult) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes one thread's rollout. Appends of one turn of the event loop are one write; each is whole or not there.
 * A failed write is taken back and rejects its appends: nothing stays queued.
 */
export class RolloutWriter implements Flushable {
  readonly #options: WriterOptions;
  readonly #deferred: DeferredRollout | undefined;
  #appender: RolloutAppender | undefined;
  /** Whoever wrote a rollout before may not have cared for its name. */
  #isNameSafe = false;
  #queue: Request[] = [];
  #keys: AppendKeys | undefined;
  #isClosed = false;

  constructor(options: WriterOptions) {
    this.#options = options;
    if ("create" in options.rollout) this.#deferred = options.rollout;
    else this.#appender = options.rollout;
  }

  /** Where the rollout is, or will be. */
  get path(): string {
    return this.#appender?.path ?? this.#deferred?.path ?? "";
  }

  /** The ordinal the next item gets. */
  get nextOrdinal(): number {
    return this.#appender?.nextOrdinal ?? (this.#deferred?.firstOrdinal ?? 0) + 1;
  }

  /** The rollout's path and size; null while there is none. */
  get written(): { readonly path: string; readonly size: number } | null {
    return this.#appender ? { path: this.#appender.path, size: this.#appender.size } : null;
  }

  append(append: DriverAppend): Promise<DriverAppendResult> {
    return new Promise((resolve, reject) => {
      if (this.#queue.push({ append, resolve, reject }) === 1) soonInTurn(this.#drain);
    });
  }

  /** Makes the rollout when there is none yet. */
  persist(): void {
    this.#drain();
    this.#requireOpen();
    if (!this.#appender)
      this.#appender = this.#deferred?.create(({ ordinal }) => ({ lines: "", nextOrdinal: ordinal }));
  }

  /** Resolves with the last ordinal when everything that was accepted before survives a power cut. */
  async flush(): Promise<FlushResult> {
    this.#drain();
    this.#requireOpen();
    if (!this.#appender) return { durableOrdinal: null };
    const durableOrdinal = this.#appender.nextOrdinal - 1;
    await this.#options.makeSafe?.(this);
    return { durableOrdinal };
  }

  get threadId(): ThreadId {
    return this.#options.threadId;
  }

  async sync(): Promise<void> {
    const keys = this.#keys;
    const batch = keys?.batch ?? 0;
    await keys?.sync();
    await this.#appender?.sync();
    if (this.#appender && !this.#isNameSafe) await this.#options.syncName(this.#appender.path);
    this.#isNameSafe = this.#appender !== undefined;
    keys?.markSafe(batch);
  }

  unsynced(): readonly UnsyncedBytes[] | null {
    if (!this.#appender || !this.#isNameSafe) return null;
    const keys = this.#keys?.unsynced() ?? "nothing";
    const rollout = this.#appender.unsynced();
    if (keys === null || rollout === null) return null;
    const batch = this.#keys?.batch ?? 0;
    const settle = () => {
      rollout.settle();
      this.#keys?.markSafe(batch);
    };
    return [...(keys === "nothing" ? [] : [keys]), { ...rollout, settle }].filter(({ bytes }) => bytes.length > 0);
  }

  /** Closes the file without waiting for the disk. What was accepted stays; nothing more is. */
  close(): void {
    if (this.#isClosed) return;
    this.#drain();
    this.#isClosed = true;
    this.#appender?.close();
    this.#keys?.close();
  }

  #requireOpen(): void {
    if (this.#isClosed) throw conflict(`the writer of thread ${this.#options.threadId} is closed`);
  }

  readonly #drain = (): void => {
    while (this.#queue.length > 0) this.#writeRequests(this.#takeRequests());
  };

  /** As many requests as are put together for one write. */
  #takeRequests(): Request[] {
    let characters = 0;
    const end = this.#queue.findIndex(({ append }, at) => {
      for (const { json } of append.items) characters += json.length;
      return at > 0 && characters > WRITE_MAX_CHARACTERS;
    });
    return this.#queue.splice(0, end < 0 ? this.#queue.length : end);
  }

  #writeRequests(requests: readonly Request[]): void {
    try {
      this.#requireOpen();
      const { answers } = this.#write(requests.map(({ append }) => append));
      for (const [at, answer] of answers.entries()) {
        if (answer instanceof Error) requests[at]?.reject(answer);
        else requests[at]?.resolve(answer);
      }
    } catch (error) {
      for (const { reject } of requests) reject(error);
    }
  }

  #write(appends: readonly DriverAppend[]): FormattedAppends {
    let formatted: FormattedAppends | undefined;
    const linesAt = (place: Place) => {
      formatted = this.#format(appends, place);
      if (formatted.newKeys.length > 0) this.#openKeys().record(formatted.newKeys);
      return formatted;
    };
    try {
      const nothing = this.#appender ? null : this.#answerWithoutItems(appends);
      if (nothing) return nothing;
      if (this.#appender) this.#appender.append(linesAt);
      else this.#appender = this.#deferred?.create(linesAt);
      this.#keys?.settle();
      return formatted as unknown as FormattedAppends;
    } catch (error) {
      if (formatted && formatted.newKeys.length > 0) this.#openKeys().takeBack(formatted.newKeys);
      throw error;
    }
  }

  /** Appends that are refused or empty leave no trace of a thread that does not exist yet; null: there is something to keep. */
  #answerWithoutItems(appends: readonly DriverAppend[]): FormattedAppends | null {
    const formatted = this.#format(appends, { ordinal: this.nextOrdinal, offset: 0 });
    if (formatted.lines.length > 0) return null;
    if (formatted.newKeys.length > 0) this.#openKeys().remember(formatted.newKeys);
    this.#keys?.settle();
    return formatted;
  }

  #format(appends: readonly DriverAppend[], place: Place): FormattedAppends {
    const { threadId, historyMode, clock } = this.#options;
    return formatAppends(appends, {
      threadId,
      historyMode,
      place,
      rolloutName: fileNameOf(this.path),
      timestamp: readClock(clock),
      findKey: (key) => this.#openKeys().find(key),
      findTorn: (key, items) => this.#openKeys().findTorn(key, items),
    });
  }

  #openKeys(): AppendKeys {
    this.#keys ??= this.#options.openKeys();
    return this.#keys;
  }
}

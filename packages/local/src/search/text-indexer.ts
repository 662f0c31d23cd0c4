import { setImmediate } from "node:timers/promises";
import type { FileSystem } from "../file-system/file-system.js";
import type { IndexDatabase } from "../index/index-database.js";
import type { ThreadIndex } from "../index/thread-index.js";
import { indexTexts, type TextStep } from "./index-texts.js";
import { KnownWords } from "./known-words.js";
import { forgetGoneFiles, hasGoneFiles, type RolloutState, rolloutsBehind } from "./text-files.js";

/** Rollouts that a step may come to. */
const ROLLOUTS_AHEAD = 256;
/** Deleted ones that are forgotten at once. */
const FILES_AT_ONCE = 32;

export interface TextIndexerOptions {
  readonly files: FileSystem;
  readonly home: string;
  readonly index: ThreadIndex;
}

export interface TextCatchUp {
  /** Takes the index of rollouts as it is, without looking for changes made by others. Default false. */
  readonly asIs?: boolean;
  /** Bytes that are read at most; what is left is counted. Default: everything is read. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
  /** Told after each step: how many rollouts are in the index, of how many that were not. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Keeps the text index of a home: what was said in every thread, made when a search first needs it. */
export class TextIndexer implements AsyncDisposable {
  readonly #options: TextIndexerOptions;
  readonly #words = new KnownWords();
  readonly #stopper = new AbortController();
  #background: Promise<void> | undefined;

  constructor(options: TextIndexerOptions) {
    this.#options = options;
  }

  /** Indexes rollouts that are not as the index knows them, the newest first. How many are left. */
  async catchUp(options: TextCatchUp = {}): Promise<number> {
    const { asIs = false, maxBytes = Number.POSITIVE_INFINITY, signal, onProgress } = options;
    const { index } = this.#options;
    const behind = await index.query(rolloutsBehind, { asIs });
    let bytes = 0;
    for (let done = 0; done < behind.length; ) {
      signal?.throwIfAborted();
      if (bytes >= maxBytes) return behind.length - done;
      const step = await this.#step(behind.slice(done, done + ROLLOUTS_AHEAD));
      bytes += step.bytes;
      done += step.done;
      onProgress?.(done, behind.length);
      // Other calls go on between the steps of a long work.
      if (done < behind.length) await setImmediate();
    }
    if (!asIs || behind.length > 0) await this.#forgetGone();
    return 0;
  }

  /** What was moved is known by its new path by now: what is left of deleted threads goes. */
  async #forgetGone(): Promise<void> {
    const { index } = this.#options;
    const forget = (database: IndexDatabase) => {
      if (!hasGoneFiles(database)) return false;
      let mayBeMore = false;
      database.transaction(() => {
        mayBeMore = forgetGoneFiles(database, FILES_AT_ONCE);
      });
      return mayBeMore;
    };
    while (await index.query(forget, { asIs: true })) await setImmediate();
  }

  #step(rollouts: readonly RolloutState[]): Promise<TextStep> {
    const work = (index: IndexDatabase) => {
      try {
        return indexTexts({ ...this.#options, index }, rollouts, this.#words);
      } catch (error) {
        this.#words.forget();
        throw error;
      }
    };
    return this.#options.index.query(work, { asIs: true });
  }

  /** Indexes what is left when nobody waits for it. */
  startBackground(): void {
    const { signal } = this.#stopper;
    if (signal.aborted) return;
    this.#background ??= this.catchUp({ asIs: true, signal })
      // What fails here fails for those who ask, or is tried again with the next search.
      .then(
        () => {},
        () => {},
      )
      .finally(() => {
        this.#background = undefined;
      });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopper.abort();
    await this.#background;
  }
}

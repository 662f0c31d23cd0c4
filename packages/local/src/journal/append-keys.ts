import { hash } from "node:crypto";
import { dirname } from "node:path";
import { DEFAULT_LIMITS, type IdSource, type ItemInput, type ThreadId } from "@threadstore/core";
import type { AppendFile, FileSystem, OpenFile } from "../file-system/file-system.js";
import { replaceFile } from "../file-system/whole-writes.js";
import { type UnsyncedBytes, UnsyncedTail } from "../log/unsynced-tail.js";
import { findMoved } from "../rollout/find-rollouts.js";
import { openRollout } from "../rollout/open-rollout.js";
import { fileNameOf } from "../rollout/rollout-name.js";
import { formatJournal, formatRecord, readHeader, readRecords } from "./journal-lines.js";

/** What is remembered of an append by its idempotency key. */
export interface AppendKey {
  readonly type: "key";
  readonly key: string;
  /** Tells whether a repeated append has the same items. */
  readonly itemsHash: string;
  readonly firstOrdinal: number | null;
  readonly nextOrdinal: number;
  /** Where in the rollout its lines stand, and what they are: after a crash they tell whether the append happened. */
  readonly written: {
    readonly rolloutName: string;
    readonly offset: number;
    readonly bytes: number;
    readonly hash: string;
  };
}

/** A key in the file. Those of the last batch are the only ones whose append may not have happened. */
type KeyRecord = AppendKey & { readonly batch: number };

export interface AppendKeysOptions {
  readonly files: FileSystem;
  readonly home: string;
  readonly threadId: ThreadId;
  /** The rollout that the writer goes on in; null when there is none yet. */
  readonly rolloutPath: string | null;
  readonly ids: IdSource;
  /** Whether the file survives a power cut when it is made anew. */
  readonly isDurable: boolean;
}

/** How many times the remembered keys may stand in the file before it is made anew. */
const FILE_MAX_KEYS = 2 * DEFAULT_LIMITS.idempotencyKeysPerThread;

/**
 * The idempotency keys of one thread, in a file that only its writer writes. A key is recorded before its items are
 * written; one whose items are not in the rollout belongs to an append that did not happen.
 */
export class AppendKeys {
  readonly #options: AppendKeysOptions;
  readonly #path: string;
  readonly #keys = new Map<string, AppendKey>();
  #unwritten: AppendKey[] = [];
  #batch = 0;
  #inFile = 0;
  #file: AppendFile | null = null;
  readonly #tail = new UnsyncedTail();
  /** Whether a sync failed. */
  #isDoubtful = false;
  /** Whether the file is missing, or holds something that must not be there. */
  #mustRewrite = true;

  private constructor(options: AppendKeysOptions) {
    this.#options = options;
    this.#path = appendKeysPath(options.home, options.threadId);
  }

  /** Opens the keys of a thread and drops those of an append that a crash prevented. */
  static open(options: AppendKeysOptions): AppendKeys {
    const keys = new AppendKeys(options);
    const file = options.files.openToRead(keys.#path);
    if (file) keys.#load(file);
    return keys;
  }

  find(key: string): AppendKey | undefined {
    return this.#keys.get(key);
  }

  /** Remembers keys of appends that kept nothing; they are written when there is something to keep. */
  remember(keys: readonly AppendKey[]): void {
    for (const key of keys) {
      this.#keys.set(key.key, key);
      this.#unwritten.push(key);
    }
  }

  /** The items of all recorded keys are written: the oldest keys beyond the bound are forgotten. */
  settle(): void {
    for (const [oldest] of this.#keys) {
      if (this.#keys.size <= DEFAULT_LIMITS.idempotencyKeysPerThread) break;
      this.#keys.delete(oldest);
    }
  }

  /** Records keys before their items are written. */
  record(keys: readonly AppendKey[]): void {
    this.#batch++;
    this.remember(keys);
    const isLong = this.#inFile + this.#unwritten.length > FILE_MAX_KEYS;
    if (this.#mustRewrite || isLong) this.#rewrite();
    else {
      this.#file ??= this.#options.files.openToAppend(this.#path, "either");
      const lines = Buffer.from(this.#unwritten.map((key) => formatRecord(this.#recordOf(key))).join(""));
      this.#file.append(lines);
      this.#tail.add(lines);
      this.#inFile += this.#unwritten.length;
    }
    this.#unwritten = [];
  }

  /** Forgets keys whose items could not be written. What is in the file of them goes with the next record. */
  takeBack(keys: readonly AppendKey[]): void {
    const names = new Set(keys.map(({ key }) => key));
    for (const name of names) this.#keys.delete(name);
    this.#unwritten = this.#unwritten.filter(({ key }) => !names.has(key));
    this.#mustRewrite = true;
  }

  /** Resolves when the recorded keys survive a power cut. */
  async sync(): Promise<void> {
    if (!this.#file) return;
    if (this.#isDoubtful) this.#rewrite();
    const file = this.#file;
    const { size } = file.status();
    // After a sync that failed the system may take bytes for written that are not on the disk.
    this.#isDoubtful = true;
    await file.sync();
    this.#isDoubtful = false;
    await this.#options.files.syncDirectory(dirname(this.#path));
    if (file === this.#file) this.#tail.settle(size);
  }

  /** What does not survive a power cut; null when only `sync` will do. */
  unsynced(): UnsyncedBytes | "nothing" | null {
    return this.#file ? this.#tail.take(this.#path, this.#file.status().size) : "nothing";
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
  }

  #load(file: OpenFile): void {
    try {
      const header = readHeader(file, this.#path);
      const { records, end, rejected } = readRecords(file, 0);
      const keys = records.filter((record) => record.type === "key") as unknown as KeyRecord[];
      this.#batch = keys.at(-1)?.batch ?? 0;
      const kept = keys.filter((key) => key.batch < this.#batch || this.#isWritten(key));
      for (const { batch: _batch, ...key } of kept) this.#keys.set(key.key, key);
      this.settle();
      this.#inFile = records.length;
      this.#mustRewrite = !header || rejected > 0 || end < file.status().size || kept.length < keys.length;
    } finally {
      file.close();
    }
  }

  /** Keys of earlier batches are settled, whatever batch the file says they were of. */
  #recordOf(key: AppendKey): KeyRecord {
    return { ...key, batch: this.#unwritten.includes(key) ? this.#batch : 0 };
  }

  /** Whether the items of a key stand in their rollout, be that the one that is written now or an earlier one. */
  #isWritten({ written }: AppendKey): boolean {
    if (written.bytes === 0) return true;
    const rollout = this.#openRollout(written.rolloutName);
    if (!rollout) return false;
    try {
      const block = Buffer.alloc(written.bytes);
      return rollout.read(block, written.offset) === block.length && hashBlock(block) === written.hash;
    } finally {
      rollout.close();
    }
  }

  #openRollout(name: string): OpenFile | null {
    const { files, home, rolloutPath } = this.#options;
    if (rolloutPath !== null && fileNameOf(rolloutPath) === name) return openRollout(files, rolloutPath);
    const place = findMoved(files, home, name) ?? findMoved(files, home, `${name}.zst`);
    return place && openRollout(files, `${home}/${place.path}`);
  }

  /** Makes the file anew, with the keys that are remembered. */
  #rewrite(): void {
    const { files, ids, isDurable } = this.#options;
    files.makeDirectory(dirname(this.#path));
    const content = Buffer.from(
      formatJournal(
        ids.newId(),
        [...this.#keys.values()].map((key) => this.#recordOf(key)),
      ),
    );
    const file = replaceFile(files, this.#path, { content, isDurable });
    this.#file?.close();
    this.#file = file;
    this.#tail.forget();
    this.#isDoubtful = false;
    this.#inFile = this.#keys.size;
    this.#mustRewrite = false;
  }
}

/** Where the keys of a thread lie. */
export function appendKeysPath(home: string, threadId: ThreadId): string {
  return `${home}/threadstore/journal/appends/${threadId}.jsonl`;
}

/** Tells the items of an append from others: their texts in order. */
export function hashItems(items: readonly ItemInput[]): string {
  return hash("sha256", items.map(({ json }) => json).join("\n"), "base64");
}

export function hashBlock(block: Uint8Array): string {
  return hash("sha256", block, "base64");
}

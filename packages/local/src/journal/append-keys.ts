import { hash } from "node:crypto";
import { dirname } from "node:path";
import { DEFAULT_LIMITS, type IdSource, type ItemInput, type ThreadId } from "@threadstore/core";
import type { AppendFile, FileSystem, OpenFile } from "../file-system/file-system.js";
import type { SafeNames } from "../file-system/safe-names.js";
import { syncFile } from "../file-system/sync-file.js";
import { replaceFile } from "../file-system/whole-writes.js";
import { type UnsyncedBytes, UnsyncedTail } from "../log/unsynced-tail.js";
import { findMoved } from "../rollout/find-rollouts.js";
import { readLine } from "../rollout/line-item.js";
import { readLines } from "../rollout/line-reader.js";
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
    /** Items of the append that stood elsewhere already, because a crash had cut it short. Default 0. */
    readonly itemsBefore?: number;
  };
}

/** What is known of an append. */
interface KnownAppend {
  readonly key: AppendKey;
  /** Keys that were recorded together, and whose items were one write. */
  readonly batch: number;
  /** Whether a crash may have left only some of its items. */
  readonly isTorn: boolean;
}

/** A key in the file. */
type KeyRecord = AppendKey & {
  readonly batch: number;
  /** Batches up to this one were on the disk, items and all, when this was recorded. */
  readonly safeTo: number;
  readonly isTorn?: boolean;
};

export interface AppendKeysOptions {
  readonly files: FileSystem;
  readonly home: string;
  readonly threadId: ThreadId;
  /** The rollout that the writer goes on in; null when there is none yet. */
  readonly rolloutPath: string | null;
  readonly ids: IdSource;
  readonly names: SafeNames;
  /** Whether the file survives a power cut when it is made anew. */
  readonly isDurable: boolean;
}

/** How many times the remembered keys may stand in the file before it is made anew. */
const FILE_MAX_KEYS = 2 * DEFAULT_LIMITS.idempotencyKeysPerThread;

/**
 * The idempotency keys of one thread, in a file that only its writer writes. A key is recorded before its items are
 * written; one whose items are not in the rollout belongs to an append that did not happen, or not wholly.
 */
export class AppendKeys {
  readonly #options: AppendKeysOptions;
  readonly #path: string;
  readonly #keys = new Map<string, KnownAppend>();
  #unwritten: KnownAppend[] = [];
  /** What was known before of the keys that were recorded last. */
  readonly #before = new Map<string, KnownAppend>();
  #batch = 0;
  #safeTo = 0;
  #inFile = 0;
  #file: AppendFile | null = null;
  /** The file whose name survives a power cut. */
  #namedFile: AppendFile | null = null;
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

  /** An append that happened wholly. */
  find(key: string): AppendKey | undefined {
    const known = this.#keys.get(key);
    return known?.isTorn ? undefined : known?.key;
  }

  /** An append of these items that a crash cut short, and how many of them are there; null when none is. */
  findTorn(key: string, items: readonly ItemInput[]): TornAppend | null {
    const known = this.#keys.get(key);
    if (!known?.isTorn || known.key.itemsHash !== hashItems(items)) return null;
    const { firstOrdinal, written } = known.key;
    const { itemsBefore = 0 } = written;
    const itemsThere = itemsBefore + this.#countItems(written, items.slice(itemsBefore));
    return firstOrdinal === null || itemsThere === 0 ? null : { firstOrdinal, itemsThere };
  }

  /** The last batch that was recorded. */
  get batch(): number {
    return this.#batch;
  }

  /** Batches up to this one survive a power cut, their items too. */
  markSafe(batch: number): void {
    this.#safeTo = Math.max(this.#safeTo, batch);
  }

  /** Remembers keys of appends that kept nothing; they are written when there is something to keep. */
  remember(keys: readonly AppendKey[]): void {
    for (const key of keys) {
      const before = this.#keys.get(key.key);
      if (before) this.#before.set(key.key, before);
      const known = { key, batch: this.#batch, isTorn: false };
      this.#keys.set(key.key, known);
      this.#unwritten.push(known);
    }
  }

  /** The items of all recorded keys are written: the oldest keys beyond the bound are forgotten. */
  settle(): void {
    this.#before.clear();
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
      const lines = Buffer.from(this.#unwritten.map((known) => formatRecord(this.#recordOf(known))).join(""));
      this.#file.append(lines);
      this.#tail.add(lines);
      this.#inFile += this.#unwritten.length;
    }
    this.#unwritten = [];
  }

  /** Forgets keys whose items could not be written. What is in the file of them goes with the next record. */
  takeBack(keys: readonly AppendKey[]): void {
    const taken = new Set(keys.map(({ key }) => key));
    for (const key of taken) {
      const before = this.#before.get(key);
      if (before) this.#keys.set(key, before);
      else this.#keys.delete(key);
    }
    this.#before.clear();
    this.#unwritten = this.#unwritten.filter(({ key }) => !taken.has(key.key));
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
    await syncFile(this.#options.files, { path: this.#path, file });
    this.#isDoubtful = false;
    if (file !== this.#namedFile) await this.#options.names.sync(dirname(this.#path));
    this.#namedFile = file;
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
      for (const { batch, safeTo } of keys) {
        this.#batch = Math.max(this.#batch, batch);
        this.#safeTo = Math.max(this.#safeTo, safeTo);
      }
      const known = this.#lookAtAll(keys);
      for (const append of known) if (append) this.#keys.set(append.key.key, append);
      this.settle();
      this.#inFile = records.length;
      const isOutdated = keys.some((key, at) => (key.isTorn ?? false) !== known[at]?.isTorn);
      this.#mustRewrite = !header || rejected > 0 || end < file.status().size || isOutdated;
    } finally {
      file.close();
    }
  }

  #recordOf({ key, batch, isTorn }: KnownAppend): KeyRecord {
    return { ...key, batch, safeTo: this.#safeTo, ...(isTorn ? { isTorn } : {}) };
  }

  #lookAtAll(keys: readonly KeyRecord[]): (KnownAppend | undefined)[] {
    const rollouts = new Map<string, OpenFile | null>();
    const rolloutOf = (name: string) => {
      const known = rollouts.get(name);
      const rollout = known === undefined ? this.#openRollout(name) : known;
      rollouts.set(name, rollout);
      return rollout;
    };
    try {
      return keys.map((key) => this.#lookAt(key, rolloutOf));
    } finally {
      for (const rollout of rollouts.values()) rollout?.close();
    }
  }

  /** What became of an append; undefined when nothing of it is there. */
  #lookAt(record: KeyRecord, rolloutOf: (name: string) => OpenFile | null): KnownAppend | undefined {
    const { batch, safeTo: _safeTo, isTorn = false, ...key } = record;
    const { offset, bytes, hash: wanted, rolloutName, itemsBefore = 0 } = key.written;
    if (isTorn || batch <= this.#safeTo || bytes === 0) return { key, batch, isTorn };
    const block = Buffer.alloc(bytes);
    const there = block.subarray(0, rolloutOf(rolloutName)?.read(block, offset) ?? 0);
    if (there.length === bytes && hashBlock(there) === wanted) return { key, batch, isTorn: false };
    return there.length > 0 || itemsBefore > 0 ? { key, batch, isTorn: true } : undefined;
  }

  /** How many items stand, from the first on, where an append was written. */
  #countItems({ rolloutName, offset }: AppendKey["written"], items: readonly ItemInput[]): number {
    const rollout = this.#openRollout(rolloutName);
    if (!rollout) return 0;
    try {
      let count = 0;
      readLines(rollout, { start: offset, end: rollout.status().size }, (line) => {
        if (items[count] === undefined || readLine(line)?.json !== items[count]?.json) return false;
        count++;
        return true;
      });
      return count;
    } finally {
      rollout.close();
    }
  }

  /** The rollout of an append, be that the one that is written now or an earlier one; null when it is gone. */
  #openRollout(name: string): OpenFile | null {
    const { files, home, rolloutPath } = this.#options;
    if (rolloutPath !== null && fileNameOf(rolloutPath) === name) return openRollout(files, rolloutPath);
    const place = findMoved(files, home, name) ?? findMoved(files, home, `${name}.zst`);
    return place && openRollout(files, `${home}/${place.path}`);
  }

  /** Makes the file anew, with the keys that are remembered. */
  #rewrite(): void {
    const { files, ids, names, isDurable } = this.#options;
    names.makeFolder(dirname(this.#path));
    const content = Buffer.from(
      formatJournal(
        ids.newId(),
        [...this.#keys.values()].map((known) => this.#recordOf(known)),
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

/** An append that a crash cut short. */
export interface TornAppend {
  readonly firstOrdinal: number;
  /** Its first items, which are there. */
  readonly itemsThere: number;
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

import { hash } from "node:crypto";
import { dirname } from "node:path";
import { DEFAULT_LIMITS, type IdSource, type ItemInput, type ThreadId } from "@threadstore/core";
import type { AppendFile, FileSystem, OpenFile } from "../file-system/file-system.js";
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

export interface AppendKeysOptions {
  readonly files: FileSystem;
  readonly home: string;
  readonly threadId: ThreadId;
  /** The rollout that the writer goes on in; null when there is none yet. */
  readonly rolloutPath: string | null;
  readonly ids: IdSource;
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
  #inFile = 0;
  #file: AppendFile | null = null;
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
    for (const [oldest] of this.#keys) {
      if (this.#keys.size <= DEFAULT_LIMITS.idempotencyKeysPerThread) break;
      this.#keys.delete(oldest);
    }
  }

  /** Records keys before their items are written. */
  record(keys: readonly AppendKey[]): void {
    this.remember(keys);
    const isLong = this.#inFile + this.#unwritten.length > FILE_MAX_KEYS;
    if (this.#mustRewrite || isLong) this.#rewrite();
    else {
      this.#file ??= this.#options.files.openToAppend(this.#path, "either");
      this.#file.append(Buffer.from(this.#unwritten.map(formatRecord).join("")));
      this.#inFile += this.#unwritten.length;
    }
    this.#unwritten = [];
  }

  /** Forgets keys whose items could not be written. What is in the file of them goes with the next record. */
  takeBack(keys: readonly AppendKey[]): void {
    for (const { key } of keys) this.#keys.delete(key);
    this.#unwritten = this.#unwritten.filter((key) => !keys.includes(key));
    this.#mustRewrite = true;
  }

  /** Resolves when the recorded keys survive a power cut. */
  async sync(): Promise<void> {
    if (!this.#file) return;
    await this.#file.sync();
    await this.#options.files.syncDirectory(dirname(this.#path));
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
  }

  #load(file: OpenFile): void {
    const { files, rolloutPath } = this.#options;
    const rollout = rolloutPath === null ? null : files.openToRead(rolloutPath);
    const isKept = (key: AppendKey) => isWritten(key, { name: fileNameOf(rolloutPath ?? ""), file: rollout });
    try {
      readHeader(file, this.#path);
      const { records, end, rejected } = readRecords(file, 0);
      const keys = records.filter((record) => record.type === "key") as unknown as AppendKey[];
      const kept = keys.slice(0, 1 + keys.findLastIndex(isKept));
      for (const key of kept) this.#keys.set(key.key, key);
      this.#inFile = records.length;
      this.#mustRewrite = rejected > 0 || end < file.status().size || kept.length < keys.length;
    } finally {
      file.close();
      rollout?.close();
    }
  }

  /** Makes the file anew under another name and puts it in place whole. */
  #rewrite(): void {
    const { files, ids } = this.#options;
    const temporary = `${this.#path}.new`;
    files.makeDirectory(dirname(this.#path));
    files.removeFile(temporary);
    const file = files.openToAppend(temporary, "new");
    try {
      file.append(Buffer.from(formatJournal(ids.newId(), this.#keys.values())));
      files.renameFile(temporary, this.#path);
    } catch (error) {
      file.close();
      throw error;
    }
    this.#file?.close();
    this.#file = file;
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

/** Whether the items of a key stand in the rollout. A thread that went on in another rollout had settled them before. */
function isWritten(
  { written }: AppendKey,
  rollout: { readonly name: string; readonly file: OpenFile | null },
): boolean {
  if (written.bytes === 0 || rollout.name !== written.rolloutName) return true;
  const block = Buffer.alloc(written.bytes);
  const count = rollout.file?.read(block, written.offset);
  return count === block.length && hashBlock(block) === written.hash;
}

import type { AppendFile } from "../file-system/file-system.js";

/** Bytes of a file that may not survive a power cut, and where they stand. */
export interface UnsyncedBytes {
  /** Absolute. */
  readonly path: string;
  readonly offset: number;
  readonly bytes: Buffer;
  /** Told when they are kept elsewhere. */
  settle(): void;
}

/** Longer tails are not worth a second copy: their file is synced. */
const TAIL_MAX_BYTES = 1024 * 1024;

/** What of a file that only grows is known to be safe: synced with the file, or kept in a log. */
export class UnsyncedTail {
  /** Null: what the disk has of the file is not known. */
  #safeTo: number | null = null;

  /** What is not safe of a file up to `size`; null when only a sync of the file will do. */
  take(file: AppendFile, path: string, size: number): UnsyncedBytes | null {
    const offset = this.#safeTo;
    if (offset === null || size < offset || size - offset > TAIL_MAX_BYTES) return null;
    const bytes = Buffer.allocUnsafe(size - offset);
    const isWhole = file.read(bytes, offset) === bytes.length;
    return isWhole ? { path, offset, bytes, settle: () => this.settle(size) } : null;
  }

  /** Everything up to here is safe now. */
  settle(size: number): void {
    this.#safeTo = Math.max(this.#safeTo ?? 0, size);
  }

  /** The file was cut or made anew, or a sync of it failed. */
  forget(): void {
    this.#safeTo = null;
  }
}

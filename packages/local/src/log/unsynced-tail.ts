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

/** What was appended to a file and is not known to be safe: synced with the file, or kept in a log. */
export class UnsyncedTail {
  /** Null: what the disk has of the file is not known. */
  #safeTo: number | null = null;
  #appended: Buffer[] = [];
  #bytes = 0;

  /** Told what was appended. */
  add(bytes: Buffer): void {
    if (this.#safeTo === null) return;
    this.#appended.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes > TAIL_MAX_BYTES) this.forget();
  }

  /** What is not safe of a file of this size; null when only a sync of the file will do. */
  take(path: string, size: number): UnsyncedBytes | null {
    const offset = this.#safeTo;
    // Somebody else wrote to the file when it has another size.
    if (offset === null || offset + this.#bytes !== size) return null;
    const [first, ...others] = this.#appended;
    const bytes = first && others.length === 0 ? first : Buffer.concat(this.#appended);
    return { path, offset, bytes, settle: () => this.settle(size) };
  }

  /** Everything up to here is safe now. */
  settle(size: number): void {
    let end = (this.#safeTo ?? size) + this.#bytes;
    const left = [];
    for (const bytes of this.#appended.reverse()) {
      if (end <= size) break;
      end -= bytes.length;
      left.push(bytes);
    }
    this.#appended = left.reverse();
    this.#bytes = left.reduce((sum, bytes) => sum + bytes.length, 0);
    this.#safeTo = size;
  }

  /** The file was cut or made anew, or a sync of it failed. */
  forget(): void {
    this.#safeTo = null;
    this.#appended = [];
    this.#bytes = 0;
  }
}

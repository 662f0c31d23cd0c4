import type { LockKind } from "../../src/file-system/file-system.js";
import type { SeededRandom } from "./seeded-random.js";

/** A change of a file's content that is not on the disk yet. */
type Write =
  | { readonly type: "append"; readonly bytes: Buffer }
  | { readonly type: "over"; readonly bytes: Buffer; readonly position: number }
  | { readonly type: "truncate"; readonly size: number };

/** What a file holds: as the system shows it, and as the disk has it. Buffers are never changed, so copies share them. */
export class DiskContent {
  readonly inode: number;
  mtimeMs: number;
  /** How many names it has. */
  links = 0;
  /** Who holds its lock: openings of the file. */
  readonly locks = new Map<object, LockKind>();
  #shown: Buffer;
  #durable: Buffer;
  #writes: readonly Write[] = [];

  constructor(inode: number, mtimeMs: number, bytes: Buffer = Buffer.alloc(0)) {
    this.inode = inode;
    this.mtimeMs = mtimeMs;
    this.#shown = bytes;
    this.#durable = bytes;
  }

  get bytes(): Buffer {
    return this.#shown;
  }

  append(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#write({ type: "append", bytes: Buffer.from(bytes) });
  }

  /** Writes over bytes that are there. */
  writeOver(bytes: Uint8Array, position: number): void {
    this.#write({ type: "over", bytes: Buffer.from(bytes), position });
  }

  /**
   * What a sync that fails does on Linux: the system still shows what was written, but takes it for written; only what is
   * written again gets to the disk. Until then there are zeros in its place.
   */
  loseUnsynced(): void {
    this.#writes = this.#writes.map((write) => {
      return write.type === "truncate" ? write : { ...write, bytes: Buffer.alloc(write.bytes.length) };
    });
  }

  truncate(size: number): void {
    this.#write({ type: "truncate", size });
  }

  /** Begins a sync: what was written until now is on the disk once the returned function was called. */
  beginSync(): () => void {
    const begun = this.#writes;
    return () => {
      const done = begun.filter((write) => this.#writes.includes(write));
      for (const write of done) this.#durable = applied(this.#durable, write);
      this.#writes = this.#writes.filter((write) => !done.includes(write));
    };
  }

  /** The file on a disk that was not cut off. */
  copy(): DiskContent {
    return this.#copyOf(this.#shown);
  }

  /**
   * The file after a power cut. Of what was not synced, the writes up to some point are there; the last of them wholly,
   * in part, or as zeros of its length.
   */
  afterCut(random: SeededRandom): DiskContent {
    const { length } = this.#writes;
    const kept = random.pick([0, length, random.below(length + 1)]);
    let bytes = this.#durable;
    for (const write of this.#writes.slice(0, kept)) bytes = applied(bytes, write);
    const last = this.#writes[kept];
    if (last?.type === "append") bytes = Buffer.concat([bytes, partOf(last.bytes, random)]);
    return this.#copyOf(bytes);
  }

  #copyOf(bytes: Buffer): DiskContent {
    return new DiskContent(this.inode, this.mtimeMs, bytes);
  }

  #write(write: Write): void {
    this.#shown = applied(this.#shown, write);
    this.#writes = [...this.#writes, write];
  }
}

function applied(bytes: Buffer, write: Write): Buffer {
  if (write.type === "append") return Buffer.concat([bytes, write.bytes]);
  if (write.type === "over") {
    const end = write.position + write.bytes.length;
    return Buffer.concat([bytes.subarray(0, write.position), write.bytes, bytes.subarray(end)]);
  }
  if (write.size <= bytes.length) return bytes.subarray(0, write.size);
  return Buffer.concat([bytes, Buffer.alloc(write.size - bytes.length)]);
}

/** What may be there of an append that was under way: nothing, a part, or its length with zeros from some point on. */
function partOf(bytes: Buffer, random: SeededRandom): Buffer {
  const written = bytes.subarray(0, random.below(bytes.length + 1));
  const kind = random.pick(["nothing", "torn", "torn", "zeros"] as const);
  if (kind === "nothing") return Buffer.alloc(0);
  if (kind === "torn") return written;
  return Buffer.concat([written, Buffer.alloc(random.below(bytes.length - written.length + 1))]);
}

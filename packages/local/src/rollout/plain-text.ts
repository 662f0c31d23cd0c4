import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Decompress } from "fzstd";
import type { AppendFile, FileStatus, FileSystem, OpenFile } from "../file-system/file-system.js";

/** Texts up to this size are kept in memory, longer ones in a file without a name. */
const MEMORY_MAX_BYTES = 16 * 1024 * 1024;
/** Texts that are kept for the next time: whoever reads pages of a thread opens it again and again. */
const RECENT_MAX = 4;
const CHUNK_BYTES = 256 * 1024;

/** A text that was decompressed, and who reads it. */
interface PlainText {
  readonly content: OpenFile;
  readers: number;
  isForgotten: boolean;
}

const recentOf = new WeakMap<FileSystem, Map<string, PlainText>>();

/**
 * Opens the text of a compressed rollout. Of a damaged one it is what comes before the damage: that much is readable. The
 * texts that were opened last are not decompressed again while their files stay the same.
 */
export function openPlainText(files: FileSystem, path: string, compressed: OpenFile): OpenFile {
  const { inode, size, mtimeMs } = compressed.status();
  const key = JSON.stringify([path, inode, size, mtimeMs]);
  const recent = recentOf.get(files) ?? new Map<string, PlainText>();
  recentOf.set(files, recent);
  const text = recent.get(key) ?? { content: decompress(files, compressed), readers: 0, isForgotten: false };
  recent.delete(key);
  recent.set(key, text);
  const [oldest] = recent;
  if (recent.size > RECENT_MAX && oldest) {
    recent.delete(oldest[0]);
    oldest[1].isForgotten = true;
    closeUnread(oldest[1]);
  }
  return new PlainTextReader(text);
}

function closeUnread(text: PlainText): void {
  if (text.isForgotten && text.readers === 0) text.content.close();
}

/** One opening of a text. */
class PlainTextReader implements OpenFile {
  readonly #text: PlainText;
  readonly content?: () => Buffer;
  #isOpen = true;

  constructor(text: PlainText) {
    this.#text = text;
    text.readers++;
    const { content } = text;
    if (content.content) this.content = () => content.content?.() as Buffer;
  }

  status(): FileStatus {
    return this.#text.content.status();
  }

  read(buffer: Uint8Array, position: number): number {
    return this.#text.content.read(buffer, position);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#text.readers--;
    closeUnread(this.#text);
  }
}

function decompress(files: FileSystem, compressed: OpenFile): OpenFile {
  const status = compressed.status();
  const sink = new TextSink(files);
  const stream = new Decompress((part) => sink.write(part));
  for (let position = 0; position < status.size; position += CHUNK_BYTES) {
    const chunk = new Uint8Array(Math.min(CHUNK_BYTES, status.size - position));
    compressed.read(chunk, position);
    try {
      stream.push(chunk, position + chunk.length >= status.size);
    } catch {
      if (sink.failure) throw sink.failure.error;
      break;
    }
  }
  return sink.finish(status);
}

/** Collects a text in memory, and from a certain size on in a file. */
class TextSink {
  readonly #files: FileSystem;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #file: AppendFile | undefined;
  /** That the text could not be kept, in contrast to what is wrong with the compressed file. */
  failure: { readonly error: unknown } | undefined;

  constructor(files: FileSystem) {
    this.#files = files;
  }

  write(part: Uint8Array): void {
    this.#parts.push(part);
    this.#bytes += part.length;
    if (this.#bytes <= MEMORY_MAX_BYTES) return;
    try {
      this.#file ??= openNameless(this.#files);
      for (const bytes of this.#parts) this.#file.append(bytes);
      this.#parts = [];
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }

  finish(status: FileStatus): OpenFile {
    if (!this.#file) return new BufferFile(Buffer.concat(this.#parts), status);
    return new SpooledFile(this.#file, { ...status, size: this.#bytes });
  }
}

/** A file that nobody else can open, and that is gone when it is closed. */
function openNameless(files: FileSystem): AppendFile {
  const path = join(tmpdir(), `threadstore-${randomUUID()}`);
  const file = files.openToAppend(path, "new");
  files.removeFile(path);
  return file;
}

class SpooledFile implements OpenFile {
  readonly #file: AppendFile;
  readonly #status: FileStatus;

  constructor(file: AppendFile, status: FileStatus) {
    this.#file = file;
    this.#status = status;
  }

  status(): FileStatus {
    return this.#status;
  }

  read(buffer: Uint8Array, position: number): number {
    return this.#file.read(buffer, position);
  }

  close(): void {
    this.#file.close();
  }
}

/** A file whose content is in memory. */
export class BufferFile implements OpenFile {
  readonly #content: Buffer;
  readonly #status: FileStatus;

  constructor(content: Buffer, status: FileStatus) {
    this.#content = content;
    this.#status = { ...status, size: content.length };
  }

  status(): FileStatus {
    return this.#status;
  }

  content(): Buffer {
    return this.#content;
  }

  read(buffer: Uint8Array, position: number): number {
    return this.#content.copy(buffer, 0, position, position + buffer.length);
  }

  close(): void {}
}

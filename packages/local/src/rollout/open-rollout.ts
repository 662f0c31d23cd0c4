import { Decompress } from "fzstd";
import type { FileStatus, FileSystem, OpenFile } from "../file-system/file-system.js";

/** Opens a rollout for reading as plain text, compressed or not; null when it is not there. */
export function openRollout(files: FileSystem, path: string): OpenFile | null {
  const file = files.openToRead(path);
  if (!file || !path.endsWith(".zst")) return file;
  try {
    return new BufferFile(decompress(file), file.status());
  } finally {
    file.close();
  }
}

/** Rollouts up to this size are read whole when they are looked at: most are, and one read is cheaper than several. */
export const WHOLE_READ_MAX_BYTES = 128 * 1024;

/** Opens a rollout to be looked at once. `scratch` holds the content of a small one until it is used again. */
export function openRolloutBriefly(
  files: FileSystem,
  path: string,
  { scratch, status }: { readonly scratch: Buffer; readonly status: FileStatus },
): OpenFile | null {
  const file = openRollout(files, path);
  if (!file || file.content) return file;
  if (status.size >= Math.min(scratch.length, WHOLE_READ_MAX_BYTES)) return file;
  try {
    // One byte more than the file had shows whether it has grown since.
    const count = file.read(scratch.subarray(0, status.size + 1), 0);
    if (count > status.size) return files.openToRead(path);
    return new BufferFile(scratch.subarray(0, count), status);
  } finally {
    file.close();
  }
}

const CHUNK_BYTES = 1024 * 1024;

/** The text of a compressed rollout. Of a damaged one it is what comes before the damage: that much is readable. */
function decompress(file: OpenFile): Buffer {
  const parts: Uint8Array[] = [];
  const stream = new Decompress((part) => parts.push(part));
  const { size } = file.status();
  for (let position = 0; position < size; position += CHUNK_BYTES) {
    const chunk = new Uint8Array(Math.min(CHUNK_BYTES, size - position));
    file.read(chunk, position);
    try {
      stream.push(chunk, position + chunk.length >= size);
    } catch {
      break;
    }
  }
  return Buffer.concat(parts);
}

/** A file whose content is in memory. */
class BufferFile implements OpenFile {
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

import { createHash, type Hash } from "node:crypto";
import { dirname } from "node:path";
import type { AppendFile, FileSystem } from "../file-system/file-system.js";

/** What a file holds. */
export interface Content {
  readonly bytes: number;
  /** SHA-256, in hexadecimal digits. */
  readonly sha256: string;
}

const BUFFER_BYTES = 1024 * 1024;

/** A file that is written from its beginning, for its owner only, and hashed on the way. */
export class HashedOutput {
  readonly #file: AppendFile;
  readonly #hash: Hash = createHash("sha256");
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  #filled = 0;
  #bytes = 0;

  /** Makes the file and its folders. Throws EEXIST when there is one. */
  constructor(files: FileSystem, path: string) {
    files.makeDirectory(dirname(path));
    this.#file = files.openToAppend(path, "new");
  }

  write(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    if (this.#filled + bytes.length > this.#buffer.length) this.#flush();
    if (bytes.length > this.#buffer.length) this.#file.append(bytes);
    else {
      this.#buffer.set(bytes, this.#filled);
      this.#filled += bytes.length;
    }
  }

  /** Resolves when the bytes survive a power cut; closes the file. Its name is the caller's to make safe. */
  async finish(): Promise<Content> {
    this.#flush();
    await this.#file.sync();
    this.#file.close();
    return { bytes: this.#bytes, sha256: this.#hash.digest("hex") };
  }

  /** Closes a file that is not finished; it stays as far as it was written. */
  abandon(): void {
    this.#file.close();
  }

  #flush(): void {
    if (this.#filled > 0) this.#file.append(this.#buffer.subarray(0, this.#filled));
    this.#filled = 0;
  }
}

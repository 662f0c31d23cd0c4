import { type FileSystem, nodeFileSystem, type OpenFile } from "@threadstore/local";

/** The real file system, which counts what is read of rollouts and fails when it is told to. */
export class CountingFiles {
  readonly files: FileSystem;
  bytes = 0;
  reads = 0;
  #failsAt = Number.POSITIVE_INFINITY;

  constructor() {
    this.files = {
      ...nodeFileSystem,
      openToRead: (path) => {
        const file = nodeFileSystem.openToRead(path);
        return file && path.includes("rollout-") ? this.#counting(file) : file;
      },
    };
  }

  /** Counts from nothing again. */
  reset(): void {
    this.bytes = 0;
    this.reads = 0;
  }

  /** Lets the reads fail from one on, counted since the last reset. */
  failAt(read: number): void {
    this.#failsAt = read;
  }

  #counting(file: OpenFile): OpenFile {
    return {
      status: () => file.status(),
      close: () => file.close(),
      read: (buffer, position) => {
        this.reads++;
        if (this.reads >= this.#failsAt)
          throw Object.assign(new Error("EIO: read"), { code: "EIO", errno: -5, syscall: "read" });
        const count = file.read(buffer, position);
        this.bytes += count;
        return count;
      },
    };
  }
}

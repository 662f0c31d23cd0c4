import * as fs from "node:fs";
import type { DirectoryEntry, FileStatus, FileSystem, OpenFile } from "./file-system.js";

/** The real file system. */
export const nodeFileSystem: FileSystem = {
  status: (path) => unlessMissing(() => toStatus(fs.statSync(path))),
  readDirectory: (path) => unlessMissing(() => fs.readdirSync(path, { withFileTypes: true }).map(toEntry)),
  openToRead: (path) => unlessMissing(() => new NodeOpenFile(fs.openSync(path, "r"))),
  realPath: (path) => unlessMissing(() => fs.realpathSync(path)),
  makeDirectory: (path) => void fs.mkdirSync(path, { recursive: true, mode: 0o700 }),
  writeNewFile: (path, content) => {
    if (!fs.existsSync(path)) fs.writeFileSync(path, content, { mode: 0o600 });
  },
  removeFile: (path) => fs.rmSync(path, { force: true }),
};

class NodeOpenFile implements OpenFile {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  status(): FileStatus {
    return toStatus(fs.fstatSync(this.#fd));
  }

  read(buffer: Uint8Array, position: number): number {
    let done = 0;
    while (done < buffer.length) {
      const count = fs.readSync(this.#fd, buffer, done, buffer.length - done, position + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  close(): void {
    fs.closeSync(this.#fd);
  }
}

function toStatus(stats: fs.Stats): FileStatus {
  return { kind: kindOf(stats), size: stats.size, mtimeMs: stats.mtimeMs, inode: stats.ino };
}

function toEntry(entry: fs.Dirent): DirectoryEntry {
  return { name: entry.name, kind: kindOf(entry) };
}

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean }): FileStatus["kind"] {
  if (entry.isFile()) return "file";
  return entry.isDirectory() ? "directory" : "other";
}

const MISSING = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);

function unlessMissing<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (MISSING.has((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
}

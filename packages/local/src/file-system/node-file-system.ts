import * as fs from "node:fs";
import { promisify } from "node:util";
import type {
  AppendFile,
  AppendFileStatus,
  DirectoryEntry,
  FileStatus,
  FileSystem,
  LockKind,
  OpenFile,
  OpenMode,
} from "./file-system.js";
import { tryFlock, unlockFlock } from "./flock.js";

/** The real file system. */
export const nodeFileSystem: FileSystem = {
  status: (path) => unlessMissing(() => toStatus(fs.statSync(path))),
  readDirectory: (path) => unlessMissing(() => fs.readdirSync(path, { withFileTypes: true }).map(toEntry)),
  openToRead: (path) => unlessMissing(() => new NodeOpenFile(fs.openSync(path, "r"))),
  realPath: (path) => unlessMissing(() => fs.realpathSync(path)),
  makeDirectory: (path) => fs.mkdirSync(path, { recursive: true, mode: 0o700 }),
  writeNewFile: (path, content) => {
    if (!fs.existsSync(path)) fs.writeFileSync(path, content, { mode: 0o600 });
  },
  openToAppend,
  writeOver,
  linkFile: (path, newPath) => fs.linkSync(path, newPath),
  renameFile: (path, newPath) => fs.renameSync(path, newPath),
  setModifiedTime: (path, mtimeMs) => fs.utimesSync(path, mtimeMs / 1_000, mtimeMs / 1_000),
  removeFile: (path) => fs.rmSync(path, { force: true }),
  syncDirectory,
};

const OPEN_FLAGS: Readonly<Record<OpenMode, number>> = {
  existing: fs.constants.O_RDWR | fs.constants.O_APPEND,
  new: fs.constants.O_RDWR | fs.constants.O_APPEND | fs.constants.O_CREAT | fs.constants.O_EXCL,
  either: fs.constants.O_RDWR | fs.constants.O_APPEND | fs.constants.O_CREAT,
};

function openToAppend(path: string, mode: "new" | "either"): AppendFile;
function openToAppend(path: string, mode: OpenMode): AppendFile | null;
function openToAppend(path: string, mode: OpenMode): AppendFile | null {
  const open = () => new NodeAppendFile(fs.openSync(path, OPEN_FLAGS[mode], 0o600));
  return mode === "existing" ? unlessMissing(open) : open();
}

function writeOver(path: string, bytes: Uint8Array, position: number): void {
  const fd = fs.openSync(path, "r+");
  try {
    for (let done = 0; done < bytes.length; ) {
      done += fs.writeSync(fd, bytes, done, bytes.length - done, position + done);
    }
  } finally {
    fs.closeSync(fd);
  }
}

const fsync = promisify(fs.fsync);
const fdatasync = promisify(fs.fdatasync);

async function syncDirectory(path: string): Promise<void> {
  const fd = fs.openSync(path, "r");
  try {
    await fsync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

class NodeOpenFile implements OpenFile {
  protected readonly fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }

  status(): FileStatus {
    return toStatus(fs.fstatSync(this.fd));
  }

  read(buffer: Uint8Array, position: number): number {
    let done = 0;
    while (done < buffer.length) {
      const count = fs.readSync(this.fd, buffer, done, buffer.length - done, position + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  close(): void {
    fs.closeSync(this.fd);
  }
}

class NodeAppendFile extends NodeOpenFile implements AppendFile {
  override status(): AppendFileStatus {
    const stats = fs.fstatSync(this.fd);
    return { ...toStatus(stats), isLinked: stats.nlink > 0 };
  }

  append(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += fs.writeSync(this.fd, bytes, done, bytes.length - done);
  }

  truncate(size: number): void {
    fs.ftruncateSync(this.fd, size);
  }

  tryLock(kind: LockKind): boolean {
    return tryFlock(this.fd, kind);
  }

  unlock(): void {
    unlockFlock(this.fd);
  }

  sync(): Promise<void> {
    return fdatasync(this.fd);
  }

  syncNow(): void {
    fs.fdatasyncSync(this.fd);
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

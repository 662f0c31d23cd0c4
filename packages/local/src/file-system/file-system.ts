/** What a file is, as far as readers care. `mtimeMs` keeps the fraction that the system gives. */
export interface FileStatus {
  readonly kind: "file" | "directory" | "other";
  readonly size: number;
  readonly mtimeMs: number;
  readonly inode: number;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly kind: "file" | "directory" | "other";
}

/** An open file. Reads are positioned, so several readers may share it. */
export interface OpenFile {
  status(): FileStatus;
  /** Fills the buffer from a byte offset on; returns how many bytes there were. */
  read(buffer: Uint8Array, position: number): number;
  /** The whole content, when it is in memory already: then it need not be copied to be looked at. */
  content?(): Buffer;
  close(): void;
}

export type LockKind = "shared" | "exclusive";

export interface AppendFileStatus extends FileStatus {
  /** Whether the file still has a name: one that was removed keeps what is written to it from everybody else. */
  readonly isLinked: boolean;
}

/** A file that is open for reading and for appending. Closing it gives up its lock. */
export interface AppendFile extends OpenFile {
  status(): AppendFileStatus;
  /** Writes all bytes at the end of the file, wherever that is by now; when it throws, some of them may be there. */
  append(bytes: Uint8Array): void;
  truncate(size: number): void;
  /** Takes the file's lock when nobody holds it against this kind. Other openings of the file are others. */
  tryLock(kind: LockKind): boolean;
  unlock(): void;
  /** Resolves when the content survives a power cut. */
  sync(): Promise<void>;
  /** The same while everything waits: only before a file that is made anew takes the place of another one. */
  syncNow(): void;
}

/** `existing` is null when there is none; `new` throws EEXIST when there is one. */
export type OpenMode = "existing" | "new" | "either";

/**
 * The port that all file access of the local store passes, so that tests can put faults in its way. Calls are
 * synchronous: on a warm cache that is several times faster, and long work yields between files. Only what waits for the
 * disk itself is not. What is not there is null; other failures throw the system's own error.
 */
export interface FileSystem {
  status(path: string): FileStatus | null;
  /** The entries of a folder; null when there is no such folder. */
  readDirectory(path: string): readonly DirectoryEntry[] | null;
  openToRead(path: string): OpenFile | null;
  /** The path without links; null when it does not exist. */
  realPath(path: string): string | null;
  /** Makes a folder and its parents, for their owner only. Returns the topmost one it made; undefined when all were there. */
  makeDirectory(path: string): string | undefined;
  /** Writes a whole file for its owner only, unless it exists. */
  writeNewFile(path: string, content: string): void;
  /** Opens a file for its owner only. */
  openToAppend(path: string, mode: "new" | "either"): AppendFile;
  openToAppend(path: string, mode: OpenMode): AppendFile | null;
  /** Writes bytes over those that a file has from a position on: never beyond its end. */
  writeOver(path: string, bytes: Uint8Array, position: number): void;
  /** Gives a file a second name, which must be free: EEXIST otherwise. */
  linkFile(path: string, newPath: string): void;
  /** Moves a file over whatever is at the new path. */
  renameFile(path: string, newPath: string): void;
  setModifiedTime(path: string, mtimeMs: number): void;
  removeFile(path: string): void;
  /** Resolves when the names in a folder survive a power cut. */
  syncDirectory(path: string): Promise<void>;
}

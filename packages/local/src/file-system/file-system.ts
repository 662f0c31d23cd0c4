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

/**
 * The port that all file access of the local store passes, so that tests can put faults in its way. Calls are
 * synchronous: on a warm cache that is several times faster, and long work yields between files.
 * What is not there is null; other failures throw the system's own error.
 */
export interface FileSystem {
  status(path: string): FileStatus | null;
  /** The entries of a folder; null when there is no such folder. */
  readDirectory(path: string): readonly DirectoryEntry[] | null;
  openToRead(path: string): OpenFile | null;
  /** The path without links; null when it does not exist. */
  realPath(path: string): string | null;
  /** Makes a folder and its parents, for their owner only. */
  makeDirectory(path: string): void;
  /** Writes a whole file for its owner only, unless it exists. */
  writeNewFile(path: string, content: string): void;
  removeFile(path: string): void;
}

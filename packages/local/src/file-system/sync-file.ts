import type { AppendFile, FileSystem } from "./file-system.js";

/** A file that is open. */
export interface UnsyncedFile {
  readonly path: string;
  readonly file: AppendFile;
  /** From where on bytes may not be on the disk, whoever wrote them. Default: from the beginning. */
  readonly from?: number;
}

/** Does something while nobody else cuts the file or writes it anew. */
export type Exclusively = (work: () => void) => unknown;

/**
 * Resolves when a file survives a power cut.
 *
 * After a sync that failed the system takes bytes for written that are not on the disk, and neither this process nor another
 * one hears of it again. So they are written over themselves: whoever syncs the file next takes them there.
 */
export async function syncFile(
  files: FileSystem,
  unsynced: UnsyncedFile,
  exclusively: Exclusively = (work) => work(),
): Promise<void> {
  try {
    await unsynced.file.sync();
  } catch (error) {
    try {
      await exclusively(() => writeAgain(files, unsynced));
    } catch {
      // What failed is told by the sync, not that this failed too: nobody was told that the bytes are safe.
    }
    throw error;
  }
}

const BLOCK_BYTES = 1024 * 1024;

/** Writes the bytes of a file over themselves; false when it is not the one at its path any more. */
export function writeAgain(files: FileSystem, { path, file, from = 0 }: UnsyncedFile): boolean {
  const { size, inode } = file.status();
  if (files.status(path)?.inode !== inode) return false;
  const block = Buffer.allocUnsafe(Math.min(Math.max(size - from, 0), BLOCK_BYTES));
  for (let at = from; at < size; at += block.length) {
    const bytes = block.subarray(0, Math.min(block.length, size - at));
    if (file.read(bytes, at) < bytes.length) return false;
    files.writeOver(path, bytes, at);
  }
  return true;
}

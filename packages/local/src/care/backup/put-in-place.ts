import type { FileSystem } from "../../file-system/file-system.js";
import { contentOf, isSameContent } from "../hash-range.js";
import type { Content } from "../hashed-output.js";
import { copyBeginning } from "./copy-beginning.js";

export interface PlacedFile {
  readonly files: FileSystem;
  readonly source: string;
  readonly target: string;
  /** What it must be, when it is read and when it was written. */
  readonly content: Content;
  readonly mtimeMs: number;
}

/**
 * Copies a file to a place that is free: written and verified under another name, on the disk, then given its name, which
 * never replaces one that is there; the caller makes the name safe. Throws EEXIST when the place was taken meanwhile; false
 * when the bytes are not those.
 */
export async function putInPlace({ files, source, target, content, mtimeMs }: PlacedFile): Promise<boolean> {
  const temporary = `${target}.restoring`;
  files.removeFile(temporary);
  try {
    const written = await write(files, { source, temporary, bytes: content.bytes });
    // What the disk holds is what counts, not what was handed to it.
    if (!isSameContent(written, content) || !isSameContent(contentOf(files, temporary), content)) return false;
    files.setModifiedTime(temporary, mtimeMs);
    files.linkFile(temporary, target);
    return true;
  } finally {
    files.removeFile(temporary);
  }
}

async function write(
  files: FileSystem,
  { source, temporary, bytes }: { readonly source: string; readonly temporary: string; readonly bytes: number },
): Promise<Content | null> {
  const file = files.openToRead(source);
  if (!file) return null;
  try {
    return await copyBeginning(files, { file, end: bytes, target: temporary });
  } finally {
    file.close();
  }
}

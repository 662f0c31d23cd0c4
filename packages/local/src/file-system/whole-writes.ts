import type { AppendFile, FileSystem } from "./file-system.js";
import { removeLeftover } from "./folders.js";

const NEWLINE = 10;

/**
 * Appends lines to a file of lines. What a crash left of another one is closed off before, by what `closing` says; what
 * cannot be written whole is taken back.
 */
export function appendLines(file: AppendFile, lines: string, closing = "\n"): void {
  const { size } = file.status();
  const last = Buffer.from([NEWLINE]);
  if (size > 0) file.read(last, size - 1);
  try {
    file.append(Buffer.from((last[0] === NEWLINE ? "" : closing) + lines));
  } catch (error) {
    file.truncate(size);
    throw error;
  }
}

/**
 * Makes a file anew: written under another name, on the disk when that is asked for, and put in place whole. It is open for
 * more; the caller closes it.
 */
export function replaceFile(
  files: FileSystem,
  path: string,
  { content, isDurable }: { readonly content: Uint8Array; readonly isDurable: boolean },
): AppendFile {
  const temporary = `${path}.new`;
  files.removeFile(temporary);
  const file = files.openToAppend(temporary, "new");
  try {
    file.append(content);
    if (isDurable) file.syncNow();
    files.renameFile(temporary, path);
    return file;
  } catch (error) {
    file.close();
    removeLeftover(files, temporary);
    throw error;
  }
}

import type { FileStatus, FileSystem, OpenFile } from "../file-system/file-system.js";
import { BufferFile, openPlainText } from "./plain-text.js";

/** Opens a rollout for reading as plain text, compressed or not; null when it is not there. */
export function openRollout(files: FileSystem, path: string): OpenFile | null {
  const file = files.openToRead(path);
  if (!file || !path.endsWith(".zst")) return file;
  try {
    return openPlainText(files, path, file);
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
  // The status of a compressed file says nothing of how long its text is.
  if (!file || file.content || path.endsWith(".zst")) return file;
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

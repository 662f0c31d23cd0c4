import type { FileSystem } from "../file-system/file-system.js";

/** The text of a small file; null when it is not there. */
export function readWhole(files: FileSystem, path: string): string | null {
  const file = files.openToRead(path);
  if (!file) return null;
  try {
    const bytes = Buffer.alloc(file.status().size);
    return bytes.toString("utf8", 0, file.read(bytes, 0));
  } finally {
    file.close();
  }
}

import type { FileSystem, OpenFile } from "../../file-system/file-system.js";
import { readChunks } from "../hash-range.js";
import { type Content, HashedOutput } from "../hashed-output.js";

export interface Beginning {
  readonly file: OpenFile;
  /** Bytes from its beginning, as far as it has them. */
  readonly end: number;
  /** A new file. */
  readonly target: string;
}

/** Copies the beginning of a file. Resolves with what it holds, when that is on the disk; the name is the caller's to make safe. */
export async function copyBeginning(files: FileSystem, { file, end, target }: Beginning): Promise<Content> {
  const output = new HashedOutput(files, target);
  try {
    readChunks(file, { start: 0, end }, (chunk) => output.write(chunk));
    return await output.finish();
  } catch (error) {
    output.abandon();
    throw error;
  }
}

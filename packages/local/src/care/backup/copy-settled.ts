import { setTimeout as pause } from "node:timers/promises";
import type { FileStatus, FileSystem, OpenFile } from "../../file-system/file-system.js";
import { readLinesBackward } from "../../rollout/line-reader.js";
import { hashRange, readChunks } from "../hash-range.js";
import type { Content } from "../hashed-output.js";
import { copyBeginning } from "./copy-beginning.js";

/** What became of a file that was to be copied. */
export type Copied =
  | { readonly type: "copied" | "grown"; readonly content: Content; readonly status: FileStatus }
  | { readonly type: "gone" }
  /** It was made anew again and again while it was read. */
  | { readonly type: "unstable" };

export interface CopyParams {
  readonly files: FileSystem;
  readonly source: string;
  /** Where a whole copy goes; it may be there already. */
  readonly target: string;
  /** A copy of the beginning of the file, which may be gone on with. */
  readonly known: (Content & { readonly stored: string }) | null;
  /** Whether the file is one of lines: then what is being written is not copied. */
  readonly isLines: boolean;
}

const TRIES_MAX = 5;
const PAUSE_MS = 50;

/**
 * Copies a file that others may be appending to: up to the end of a line, and of bytes that did not change meanwhile. When
 * it only grew since it was copied last, the new bytes are added to that copy. The bytes are on the disk when it resolves, the
 * name of a new copy is the caller's to make safe.
 */
export async function copySettled(params: CopyParams): Promise<Copied> {
  for (let tried = 0; tried < TRIES_MAX; tried++) {
    const file = params.files.openToRead(params.source);
    if (!file) return { type: "gone" };
    try {
      const { end, status } = await settledEnd(file, params.isLines);
      const grown = await addToCopy(params, { file, end });
      const content = grown ?? (await copyWhole(params, { file, end }));
      if (content.bytes === end && isUnchanged(file.status(), status)) {
        if (!grown) params.files.renameFile(partialOf(params.target), params.target);
        return { type: grown ? "grown" : "copied", content, status };
      }
    } finally {
      file.close();
    }
    await pause(PAUSE_MS);
  }
  params.files.removeFile(partialOf(params.target));
  return { type: "unstable" };
}

/** What was read stays what it was when the file is only appended to. */
function isUnchanged(now: FileStatus, before: FileStatus): boolean {
  return now.size > before.size || (now.size === before.size && now.mtimeMs === before.mtimeMs);
}

interface Settled {
  readonly end: number;
  readonly status: FileStatus;
}

/**
 * Where the settled part of a file ends: behind its last newline. A last line that nobody finishes is settled too: it is what
 * the disk holds, and its owner may want it.
 */
async function settledEnd(file: OpenFile, isLines: boolean): Promise<Settled> {
  let status = file.status();
  for (let looks = 0; isLines && looks < TRIES_MAX; looks++) {
    if (endsInNewline(file, status.size)) return { end: status.size, status };
    await pause(PAUSE_MS);
    const now = file.status();
    if (now.size === status.size && now.mtimeMs === status.mtimeMs) return { end: now.size, status: now };
    status = now;
  }
  return { end: isLines ? lastLineEnd(file, status.size) : status.size, status };
}

const NEWLINE = 10;

function endsInNewline(file: OpenFile, size: number): boolean {
  const last = Buffer.alloc(1);
  return size === 0 || (file.read(last, size - 1) === 1 && last[0] === NEWLINE);
}

function lastLineEnd(file: OpenFile, size: number): number {
  let end = 0;
  readLinesBackward(file, { start: 0, end: size }, (line) => {
    if (!line.isClosed) return true;
    end = line.offset + (line.end - line.start) + 1;
    return false;
  });
  return end;
}

interface SettledFile {
  readonly file: OpenFile;
  readonly end: number;
}

/** Goes on with a copy; null when the file does not begin with it, or the copy is not there. */
async function addToCopy({ files, known }: CopyParams, { file, end }: SettledFile): Promise<Content | null> {
  if (!known || known.bytes > end || (files.status(known.stored)?.size ?? -1) < known.bytes) return null;
  const hash = hashRange(file, { start: 0, end: known.bytes });
  if (hash.copy().digest("hex") !== known.sha256) return null;
  const copy = files.openToAppend(known.stored, "existing");
  if (!copy) return null;
  try {
    // What a run that did not finish added is not in any manifest.
    if (copy.status().size > known.bytes) copy.truncate(known.bytes);
    const added = readChunks(file, { start: known.bytes, end }, (chunk) => {
      hash.update(chunk);
      copy.append(chunk);
    });
    if (added > 0) await copy.sync();
    return { bytes: known.bytes + added, sha256: hash.digest("hex") };
  } finally {
    copy.close();
  }
}

/** Writes a copy under another name; it is put in place when nothing changed meanwhile. */
function copyWhole({ files, target }: CopyParams, { file, end }: SettledFile): Promise<Content> {
  files.removeFile(partialOf(target));
  return copyBeginning(files, { file, end, target: partialOf(target) });
}

function partialOf(target: string): string {
  return `${target}.partial`;
}

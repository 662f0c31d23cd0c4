import type { Clock, ThreadId } from "@threadstore/core";
import { parseThreadId } from "@threadstore/core";
import type { DirectoryEntry, FileSystem } from "../../file-system/file-system.js";
import { hasFlock } from "../../file-system/flock.js";
import { waitForLock } from "../../locks/wait-for-lock.js";
import { hasRolloutSuffix, parseRolloutName } from "../../rollout/rollout-name.js";
import { APPEND_KEYS_FOLDER } from "./examine-records.js";
import { aboutFile, findingIn, type HomeFinding } from "./finding.js";
import { isFree } from "./is-free.js";

export interface LeftoverOptions {
  readonly files: FileSystem;
  readonly home: string;
  readonly clock: Clock;
  /** The folders of rollouts, relative to the home. */
  readonly folders: Iterable<string>;
}

/** Bytes that lost their place are kept here. Relative to the home. */
export const RECOVERED_FOLDER = "threadstore/recovered";

/** A temporary file that was not changed for this long belongs to nobody who is at work. */
const LEFTOVER_MIN_AGE_MS = 10 * 60 * 1_000;

/** What processes left behind: locks that nobody holds, temporary files, bytes that wait for their owner. */
export async function examineLeftovers(options: LeftoverOptions): Promise<HomeFinding[]> {
  return [...(await lockFindings(options)), ...temporaryFindings(options), ...recoveredFindings(options)];
}

const LOCK_FOLDERS = ["thread-writer-locks", "threadstore/writers"];

/**
 * Lock files that nobody holds. They are tried under the coordination lock, as writers do before they tidy up: nobody can be
 * about to take one of them meanwhile.
 */
async function lockFindings({ files, home }: LeftoverOptions): Promise<HomeFinding[]> {
  const found = LOCK_FOLDERS.flatMap((folder) =>
    (files.readDirectory(`${home}/${folder}`) ?? []).flatMap(({ name }) => lockIn(folder, name)),
  );
  if (!hasFlock || found.length === 0) return [];
  const coordination = files.openToAppend(`${home}/thread-writer-locks/.coordination.lock`, "existing");
  try {
    if (coordination && !(await waitForLock(() => coordination.tryLock("exclusive") || null))) return [];
    return found
      .filter(({ path }) => isFree(files, `${home}/${path}`))
      .map(({ path, threadId }) => {
        return findingIn(path, threadId, aboutFile("leftover_lock", "nobody holds the lock any more"));
      });
  } finally {
    coordination?.close();
  }
}

function lockIn(folder: string, name: string): { readonly path: string; readonly threadId: ThreadId }[] {
  const threadId = name.endsWith(".lock") ? parseThreadId(name.slice(0, -".lock".length)) : null;
  return threadId === null ? [] : [{ path: `${folder}/${name}`, threadId }];
}

/** Files that others are made from, under a name of their own, before they are put in place. */
function temporaryFindings({ files, home, clock, folders }: LeftoverOptions): HomeFinding[] {
  const isBesideRollout = (name: string) => name.startsWith("rollout-") && !hasRolloutSuffix(name);
  const isReplacement = (name: string) => name.endsWith(".jsonl.new");
  return [
    ...[...folders].flatMap((folder) => temporariesIn(folder, isBesideRollout)),
    ...["", "threadstore/journal", APPEND_KEYS_FOLDER].flatMap((folder) => temporariesIn(folder, isReplacement)),
    ...temporariesIn(RECOVERED_FOLDER, isUnfinished),
  ];

  function temporariesIn(folder: string, isTemporary: (name: string) => boolean): HomeFinding[] {
    const inFolder = folder === "" ? "" : `${folder}/`;
    return (files.readDirectory(`${home}/${folder}`) ?? [])
      .filter(({ name }) => isTemporary(name))
      .flatMap(({ name }) => {
        const status = files.status(`${home}/${inFolder}${name}`);
        if (status?.kind !== "file" || clock.nowMs() - status.mtimeMs < LEFTOVER_MIN_AGE_MS) return [];
        const explanation = `${status.size} bytes of a file that was not finished or put aside`;
        return [findingIn(`${inFolder}${name}`, null, aboutFile("leftover_file", explanation))];
      });
  }
}

function recoveredFindings({ files, home }: LeftoverOptions): HomeFinding[] {
  return (files.readDirectory(`${home}/${RECOVERED_FOLDER}`) ?? [])
    .filter((entry) => entry.kind === "directory" || !isUnfinished(entry.name))
    .map((entry) => {
      const path = `${RECOVERED_FOLDER}/${entry.name}`;
      const { what, threadId } = originOf(entry);
      const explanation = `${bytesBelow(files, `${home}/${path}`)} bytes: ${what}`;
      return findingIn(path, threadId, aboutFile("recovered_bytes", explanation));
    });
}

function isUnfinished(name: string): boolean {
  return name.endsWith(".new");
}

/** How the replay of a commit log names bytes: their file, the offset they had there, a number when it keeps several of them. */
const KEPT_BYTES = /^(.+\.jsonl)\.(\d+)(?:-\d+)?$/;

function originOf({ name, kind }: DirectoryEntry): { readonly what: string; readonly threadId?: ThreadId | undefined } {
  if (kind === "directory") return { what: "what doctor --repair wrote" };
  const [, file, offset] = KEPT_BYTES.exec(name) ?? [];
  if (file === undefined) return { what: "nobody knows from where" };
  const what = `what ${file} went on without at byte ${offset}; a commit log had kept it`;
  return { what, threadId: parseRolloutName(file)?.threadId };
}

function bytesBelow(files: FileSystem, path: string): number {
  const entries = files.status(path)?.kind === "directory" ? files.readDirectory(path) : null;
  if (!entries) return files.status(path)?.size ?? 0;
  return entries.reduce((sum, { name }) => sum + bytesBelow(files, `${path}/${name}`), 0);
}

import { dirname } from "node:path";
import type { FileStatus } from "../file-system/file-system.js";
import type { UnreadablePath } from "../rollout/find-rollouts.js";
import type { IndexContext } from "./index-context.js";
import type { IndexDatabase } from "./index-database.js";

/**
 * The rollout folders as they were when they were last walked, by their paths. While they are the same, no rollout was made,
 * moved or removed, and no folder needs to be read.
 */
export type FolderMarks = ReadonlyMap<string, string>;

const FOLDERS = "folders";

/** File systems tell times in steps: a folder that has just changed may change again within the same step. */
const SETTLED_MS = 100;

/** `startedMs` is when the walk began, on the clock that file times are taken from. */
export interface WalkedFolders {
  readonly folders: ReadonlyMap<string, FileStatus | null>;
  readonly startedMs: number;
  /** What could not be read: it is looked at again, whether it changes or not. */
  readonly unreadable: readonly UnreadablePath[];
}

/** `kept` are the marks of folders that were not walked this time. */
export function saveFolderMarks(index: IndexDatabase, walked: WalkedFolders, kept: FolderMarks = new Map()): void {
  const { folders, startedMs, unreadable } = walked;
  const unseen = new Set(unreadable.map(({ path, isFolder }) => (isFolder ? path : dirname(path))));
  const marks = new Map(kept);
  for (const [path, status] of folders) {
    const isSettled = !unseen.has(path) && (status === null || status.mtimeMs < startedMs - SETTLED_MS);
    marks.set(path, isSettled ? markOf(status) : "changing");
  }
  const text = JSON.stringify([...marks]);
  if (index.get("SELECT signature FROM sources WHERE name = ?", FOLDERS)?.signature === text) return;
  index.run("INSERT OR REPLACE INTO sources (name, signature) VALUES (?, ?)", FOLDERS, text);
}

export function loadFolderMarks(index: IndexDatabase): FolderMarks {
  const row = index.get("SELECT signature FROM sources WHERE name = ?", FOLDERS);
  return new Map(row ? (JSON.parse(String(row.signature)) as [string, string][]) : []);
}

const DAY_MS = 24 * 60 * 60 * 1_000;

/**
 * The marks of the folders that new rollouts are made in at a time, and of what holds them. Clocks and time zones differ: the
 * days before and after may be somebody's today.
 */
export function newestFolders(marks: FolderMarks, nowMs: number): FolderMarks {
  const days = [-1, 0, 1].map((day) => new Date(nowMs + day * DAY_MS).toISOString().slice(0, 10).replaceAll("-", "/"));
  const isNewest = (path: string) =>
    !path.includes("/") || days.some((day) => `sessions/${day}/`.startsWith(`${path}/`));
  return new Map([...marks].filter(([path]) => isNewest(path)));
}

/** The folders that are not as they were. */
export function changedFolders({ files, home }: Pick<IndexContext, "files" | "home">, marks: FolderMarks): string[] {
  return [...marks].filter(([path, mark]) => markOf(files.status(`${home}/${path}`)) !== mark).map(([path]) => path);
}

function markOf(status: FileStatus | null): string {
  return status === null ? "none" : `${status.inode}:${status.mtimeMs}`;
}

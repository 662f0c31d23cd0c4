import type { StoredThread, ThreadId } from "@threadstore/core";
import type { ThreadChange } from "@threadstore/core/driver";
import type { IndexDatabase, Row } from "../index/index-database.js";
import { fileNameOf, plainPath } from "../rollout/rollout-name.js";

/** What is remembered of a thread, to see later whether it changed. */
export interface ThreadMark {
  readonly isArchived: boolean;
  /** The rollout its history ends in, as it lies now. */
  readonly path: string;
  /** Bytes of that rollout, those of its text when it is compressed. */
  readonly bytes: number;
  /** The thread as the index has it, as JSON. */
  readonly summary: string;
}

/** Reading this of every thread takes milliseconds for thousands; the text of a scan is only looked into where it has to be. */
const SELECT = `SELECT threads.thread_id AS thread_id, archived, threads.path AS path, summary,
    CASE WHEN rollouts.path LIKE '%.zst' THEN json_extract(rollouts.scan, '$.readTo') ELSE rollouts.size END AS bytes
  FROM threads JOIN summaries USING (key) JOIN rollouts ON rollouts.path = threads.path`;

export function readThreadMarks(index: IndexDatabase): Map<ThreadId, ThreadMark> {
  return new Map(index.all(SELECT).map((row) => [String(row.thread_id), markOf(row)]));
}

export function readThreadMark(index: IndexDatabase, threadId: ThreadId): ThreadMark | undefined {
  const row = index.get(`${SELECT} WHERE threads.thread_id = ?`, threadId);
  return row && markOf(row);
}

function markOf(row: Row): ThreadMark {
  const { archived, path, bytes, summary } = row;
  return { isArchived: archived === 1, path: String(path), bytes: Number(bytes), summary: String(summary) };
}

/** What happened to a thread between two looks at it: several changes when its history grew and something else. */
export function changesBetween(before: ThreadMark | undefined, after: ThreadMark | undefined): ThreadChange["type"][] {
  if (!before || !after) return before ? ["deleted"] : after ? ["created"] : [];
  if (before === after) return [];
  const types: ThreadChange["type"][] = [];
  if (!hasSameHistory(before, after)) types.push("appended");
  if (before.isArchived !== after.isArchived) types.push(after.isArchived ? "archived" : "unarchived");
  if (types.length === 0 && before.summary !== after.summary) types.push("updated");
  return types;
}

/** Moving and compressing a rollout leave its history as it was. */
function hasSameHistory(before: ThreadMark, after: ThreadMark): boolean {
  return before.bytes === after.bytes && rolloutOf(before) === rolloutOf(after);
}

function rolloutOf({ path }: ThreadMark): string {
  return fileNameOf(plainPath(path));
}

/** How far this store wrote a rollout, and told of it. */
export interface OwnAppends {
  readonly path: string;
  readonly bytes: number;
}

/** Whether the appends of this store are all that changed a thread: whatever else others can change is as it was. */
export function isOwnGrowth(before: ThreadMark, after: ThreadMark, own: OwnAppends): boolean {
  if (before.isArchived !== after.isArchived || rolloutOf(before) !== rolloutOf(after)) return false;
  return own.path.endsWith(`/${after.path}`) && after.bytes <= own.bytes && setFields(before) === setFields(after);
}

/** What is known of a thread from beside its items, and what both can tell. */
function setFields({ summary }: ThreadMark): string {
  const { revision, name, gitInfo, memoryMode, parentThreadId, neighbour, archivedAt } = JSON.parse(
    summary,
  ) as StoredThread;
  return JSON.stringify([revision, name, gitInfo, memoryMode, parentThreadId, neighbour, archivedAt]);
}

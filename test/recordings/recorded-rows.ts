import type { ApiThread } from "@threadstore/codex-wire";
import type { Recording } from "../support/fixture-home.js";

/** A thread as the real app-server sent it. */
export interface RecordedThread {
  readonly id: string;
  readonly preview: string;
  readonly name: string | null;
  readonly path: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly recencyAt: number;
  readonly [field: string]: unknown;
}

export interface RecordedPage {
  readonly data: readonly RecordedThread[];
  readonly nextCursor: string | null;
  readonly backwardsCursor: string | null;
}

/** The recorded rows of a thread, from every list and read that showed it. */
export interface RecordedRows {
  /** The row to compare with: rows sorted by recency are right, else the thread as it was read, else any list row. */
  readonly right: RecordedThread;
  readonly all: readonly RecordedThread[];
}

export function isPage(recording: Recording): recording is Recording & { response: { result: RecordedPage } } {
  return recording.request.method === "thread/list" && recording.response.result !== undefined;
}

/** Gathers what was recorded of each thread. */
export function recordedRows(lists: readonly Recording[], reads: readonly Recording[]): Map<string, RecordedRows> {
  const byRecency = new Map<string, RecordedThread>();
  const read = new Map<string, RecordedThread>();
  const all = new Map<string, RecordedThread[]>();
  const see = (thread: RecordedThread) => all.set(thread.id, [...(all.get(thread.id) ?? []), thread]);
  for (const recording of lists.filter(isPage)) {
    for (const thread of recording.response.result.data) {
      see(thread);
      if (recording.request.params?.sortKey === "recency_at") byRecency.set(thread.id, thread);
    }
  }
  for (const { response, request } of reads) {
    const { thread } = (response.result ?? {}) as { thread?: RecordedThread };
    if (!thread || request.params?.includeTurns === true) continue;
    see(thread);
    read.set(thread.id, thread);
  }
  return new Map(
    [...all].map(([id, rows]) => [
      id,
      { right: byRecency.get(id) ?? read.get(id) ?? (rows[0] as RecordedThread), all: rows },
    ]),
  );
}

/** Fields that differ on purpose; thread-fields says how far. */
const EXCUSED = [
  "preview",
  "forkedFromId",
  "parentThreadId",
  "threadSource",
  "originator",
  "sessionId",
  "updatedAt",
  "recencyAt",
];

/** What of a row is as it was recorded. */
export function withoutExcused(thread: ApiThread | RecordedThread): Record<string, unknown> {
  const fields = Object.entries({ ...thread, path: pathInHome(thread.path) });
  return Object.fromEntries(fields.filter(([key]) => !EXCUSED.includes(key)));
}

/** A path relative to its home. */
function pathInHome(path: unknown): string {
  return String(path).replace(/^.*?\/((?:archived_)?sessions\/)/, "$1");
}

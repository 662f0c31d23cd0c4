import {
  type GitInfo,
  type Instant,
  instantFromMs,
  type NeighbourMetadata,
  type StoredThread,
  sourceKindOf,
  type ThreadId,
  threadSpawnOf,
} from "@threadstore/core";
import { comparableFolder, mergeFacts, searchText, sectionValue, summarizeThread } from "@threadstore/core/driver";
import type { NeighbourThread } from "../neighbour/state-database.js";
import { plainPath } from "../rollout/rollout-name.js";
import { chooseRollout, isArchived } from "./choose-rollout.js";
import type { IndexContext } from "./index-context.js";
import type { IndexDatabase, Value } from "./index-database.js";
import { inheritedBy } from "./inherited-facts.js";
import { type RolloutRow, type RowsInHand, rolloutsOfThread } from "./rollout-row.js";

/** Brings the row of one thread up to date with what the index knows of its rollouts and from beside them. */
export function refreshThread(context: IndexContext, threadId: ThreadId, inHand?: RowsInHand): void {
  const { index } = context;
  const neighbour = neighbourOf(index, threadId);
  const rollout = chooseRollout(rolloutsOfThread(index, threadId, inHand), neighbour);
  refreshEdge(index, threadId, { neighbour, rollout });
  if (!rollout) {
    forgetThread(index, threadId);
    return;
  }
  const thread = summarize(context, { threadId, rollout, neighbour });
  saveThread(index, thread, rollout);
}

interface ThreadParts {
  readonly threadId: ThreadId;
  readonly rollout: RolloutRow;
  readonly neighbour: NeighbourThread | undefined;
}

/** The summary of a thread as read from one of its rollouts. */
export function summarizeRollout(context: IndexContext, rollout: RolloutRow): StoredThread {
  const threadId = rollout.threadId as ThreadId;
  return summarize(context, { threadId, rollout, neighbour: neighbourOf(context.index, threadId) });
}

function summarize(context: IndexContext, { threadId, rollout, neighbour }: ThreadParts): StoredThread {
  const { index, home } = context;
  const updatedAt = updatedAtOf(rollout);
  const name = index.get("SELECT name FROM recorded_names WHERE thread_id = ?", threadId)?.name ?? neighbour?.name;
  const metadata = neighbourMetadataOf(rollout, neighbour);
  const parent = index.get("SELECT parent_thread_id FROM edges WHERE child_thread_id = ?", threadId);
  return summarizeThread({
    threadId,
    facts: mergeFacts(inheritedBy(context, rollout), rollout.scan.facts),
    updatedAt,
    rolloutPath: `${home}/${plainPath(rollout.path)}`,
    isPartial: rollout.scan.isPartial,
    ...(isArchived(rollout) ? { archivedAt: neighbour?.archivedAt ?? updatedAt } : {}),
    ...(name === undefined ? {} : { name: String(name) }),
    ...(neighbour?.gitInfo ? { gitInfo: editedGitInfo(rollout, neighbour.gitInfo) } : {}),
    ...(neighbour?.memoryMode ? { memoryMode: neighbour.memoryMode } : {}),
    ...(metadata ? { neighbour: metadata } : {}),
    ...(parent ? { parentThreadId: String(parent.parent_thread_id) } : {}),
  });
}

/**
 * The time of the last line. The file's own time is believed only within the same second, where it adds the milliseconds
 * that Codex itself sorts by: copies and checkouts of a home change file times, but not lines.
 */
function updatedAtOf(rollout: RolloutRow): Instant {
  const fileTime = instantFromMs(rollout.mtimeMs);
  const { lastItemAt } = rollout.scan.facts;
  return lastItemAt === undefined || lastItemAt.slice(0, 19) === fileTime.slice(0, 19) ? fileTime : lastItemAt;
}

/**
 * What Codex's database says of git. Of a paginated thread it says everything; of a legacy one a field it lacks may be one
 * that an older Codex never filled in, so the rollout's counts.
 */
function editedGitInfo({ scan }: RolloutRow, edited: GitInfo): GitInfo {
  return scan.historyMode === "legacy" ? { ...scan.facts.gitInfo, ...edited } : edited;
}

/** An attached fork says so itself; to what it is attached, when Codex's database is gone, its origin tells. */
function neighbourMetadataOf(
  rollout: RolloutRow,
  neighbour: NeighbourThread | undefined,
): NeighbourMetadata | undefined {
  const { meta } = rollout.scan.facts;
  const isAttached = meta?.isAttached && meta.forkedFromId !== undefined;
  if (!isAttached || neighbour?.metadata?.attachedToThreadId) return neighbour?.metadata;
  return { ...neighbour?.metadata, attachedToThreadId: meta.forkedFromId as ThreadId };
}

function neighbourOf(index: IndexDatabase, threadId: ThreadId): NeighbourThread | undefined {
  const row = index.get("SELECT record FROM neighbour_threads WHERE thread_id = ?", threadId);
  return row && (JSON.parse(String(row.record)) as NeighbourThread);
}

/** Codex's database knows the edges that it set; others follow from how a thread says it was started. */
function refreshEdge(
  index: IndexDatabase,
  child: ThreadId,
  known: { readonly neighbour: NeighbourThread | undefined; readonly rollout: RolloutRow | undefined },
): void {
  const source = known.rollout?.scan.facts.meta?.source;
  const spawn = source === undefined ? null : threadSpawnOf(source);
  const edge = known.neighbour?.spawnEdge ?? (spawn && { parentThreadId: spawn.parentThreadId, status: "open" });
  if (!edge) {
    index.run("DELETE FROM edges WHERE child_thread_id = ?", child);
    return;
  }
  index.run(
    `INSERT INTO edges (child_thread_id, parent_thread_id, status) VALUES (?, ?, ?)
     ON CONFLICT (child_thread_id) DO UPDATE SET parent_thread_id = excluded.parent_thread_id, status = excluded.status`,
    child,
    edge.parentThreadId,
    edge.status,
  );
}

const THREAD_COLUMNS = [
  "thread_id",
  "archived",
  "has_preview",
  "source_kind",
  "model_provider",
  "cwd",
  "created_at",
  "updated_at",
  "recency_at",
  "attached_to",
  "section_id",
  "section_value",
  "project_id",
  "agent_path",
  "search_text",
  "path",
] as const;

const SAVE_THREAD = `INSERT INTO threads (${THREAD_COLUMNS.join(", ")}) VALUES (${THREAD_COLUMNS.map(() => "?").join(", ")})
  ON CONFLICT (thread_id) DO UPDATE SET ${THREAD_COLUMNS.map((column) => `${column} = excluded.${column}`).join(", ")}
  RETURNING key`;

function saveThread(index: IndexDatabase, thread: StoredThread, rollout: RolloutRow): void {
  const { neighbour } = thread;
  const columns: Readonly<Record<(typeof THREAD_COLUMNS)[number], Value>> = {
    thread_id: thread.threadId,
    archived: thread.archivedAt === undefined ? 0 : 1,
    has_preview: thread.preview === "" ? 0 : 1,
    source_kind: sourceKindOf(thread.source),
    model_provider: thread.modelProvider,
    cwd: comparableFolder(thread.cwd),
    created_at: thread.createdAt,
    updated_at: thread.updatedAt,
    recency_at: thread.recencyAt,
    attached_to: neighbour?.attachedToThreadId ?? null,
    section_id: neighbour?.section?.id ?? null,
    section_value: sectionValue(neighbour?.section?.position ?? 0),
    project_id: neighbour?.projectId ?? null,
    agent_path: thread.agentPath ?? null,
    search_text: searchText(thread, undefined),
    path: rollout.path,
  };
  const key = Number(index.get(SAVE_THREAD, ...THREAD_COLUMNS.map((column) => columns[column]))?.key);
  index.run("INSERT OR REPLACE INTO summaries (key, summary) VALUES (?, ?)", key, JSON.stringify(thread));
}

function forgetThread(index: IndexDatabase, threadId: ThreadId): void {
  index.run("DELETE FROM summaries WHERE key = (SELECT key FROM threads WHERE thread_id = ?)", threadId);
  index.run("DELETE FROM threads WHERE thread_id = ?", threadId);
}

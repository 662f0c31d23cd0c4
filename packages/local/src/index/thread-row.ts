import { type StoredThread, sourceKindOf, type ThreadId, threadSpawnOf } from "@threadstore/core";
import { comparableFolder, foldText, patchedTitle, searchText, sectionValue } from "@threadstore/core/driver";
import { chooseRollout } from "./choose-rollout.js";
import type { IndexContext } from "./index-context.js";
import type { IndexDatabase, Value } from "./index-database.js";
import { journalStateOf } from "./journal-threads.js";
import { type RolloutRow, type RowsInHand, rolloutsOfThread } from "./rollout-row.js";
import { neighbourOf, summarize, type ThreadParts } from "./thread-summary.js";

/** Brings the row of one thread up to date with what the index knows of its rollouts and from beside them. */
export function refreshThread(context: IndexContext, threadId: ThreadId, inHand?: RowsInHand): void {
  const { index } = context;
  const neighbour = neighbourOf(index, threadId);
  const state = journalStateOf(index, threadId);
  const rollout = chooseRollout(rolloutsOfThread(index, threadId, inHand), neighbour);
  refreshEdge(index, threadId, { neighbour, rollout, state });
  if (!rollout) {
    forgetThread(index, threadId);
    return;
  }
  const thread = summarize(context, { threadId, rollout, neighbour, state });
  const title = patchedTitle(state.patch);
  saveThread(index, { thread, rollout, title });
}

/**
 * An edge that was set through a store counts; then those of Codex's database; others follow from how a thread says it
 * was started.
 */
function refreshEdge(
  index: IndexDatabase,
  child: ThreadId,
  known: Pick<ThreadParts, "neighbour" | "state"> & { readonly rollout: RolloutRow | undefined },
): void {
  const source = known.rollout?.scan.facts.meta?.source;
  const spawn = source === undefined ? null : threadSpawnOf(source);
  const told = known.neighbour?.spawnEdge ?? (spawn && { parentThreadId: spawn.parentThreadId, status: "open" });
  const born = known.rollout && known.state.born?.edge;
  const edge = known.state.edge === undefined ? (born ?? told) : known.state.edge;
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
  "name_text",
  "path",
] as const;

const SAVE_THREAD = `INSERT INTO threads (${THREAD_COLUMNS.join(", ")}) VALUES (${THREAD_COLUMNS.map(() => "?").join(", ")})
  ON CONFLICT (thread_id) DO UPDATE SET ${THREAD_COLUMNS.map((column) => `${column} = excluded.${column}`).join(", ")}
  RETURNING key`;

function saveThread(
  index: IndexDatabase,
  { thread, rollout, title }: { thread: StoredThread; rollout: RolloutRow; title: string | undefined },
): void {
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
    search_text: searchText(thread, title),
    name_text: foldText(thread.name ?? "").text,
    path: rollout.path,
  };
  const key = Number(index.get(SAVE_THREAD, ...THREAD_COLUMNS.map((column) => columns[column]))?.key);
  index.run("INSERT OR REPLACE INTO summaries (key, summary) VALUES (?, ?)", key, JSON.stringify(thread));
}

function forgetThread(index: IndexDatabase, threadId: ThreadId): void {
  index.run("DELETE FROM summaries WHERE key = (SELECT key FROM threads WHERE thread_id = ?)", threadId);
  index.run("DELETE FROM threads WHERE thread_id = ?", threadId);
}

import { join } from "node:path";
import { isDeepStrictEqual as isSame } from "node:util";
import {
  type GitInfo,
  type Instant,
  instantFromMs,
  type NeighbourMetadata,
  type StoredThread,
  type ThreadId,
  type ThreadMetadataPatch,
} from "@threadstore/core";
import { mergeFacts, NO_FACTS, summarizeThread } from "@threadstore/core/driver";
import type { ThreadState } from "../journal/thread-state.js";
import type { NeighbourThread } from "../neighbour/state-database.js";
import { fileNameOf, plainPath } from "../rollout/rollout-name.js";
import { isArchived } from "./choose-rollout.js";
import type { IndexContext } from "./index-context.js";
import type { IndexDatabase } from "./index-database.js";
import { inheritedBy } from "./inherited-facts.js";
import { journalStateOf } from "./journal-threads.js";
import type { RolloutRow } from "./rollout-row.js";

/** What a thread's summary is made of. */
export interface ThreadParts {
  readonly threadId: ThreadId;
  readonly rollout: RolloutRow;
  readonly neighbour: NeighbourThread | undefined;
  /** What the metadata journal tells. */
  readonly state: ThreadState;
}

/** The summary of a thread as read from one of its rollouts. */
export function summarizeRollout(context: IndexContext, rollout: RolloutRow): StoredThread {
  const threadId = rollout.threadId as ThreadId;
  const neighbour = neighbourOf(context.index, threadId);
  return summarize(context, { threadId, rollout, neighbour, state: journalStateOf(context.index, threadId) });
}

/** Tells of a thread what its rollouts, its journal and its neighbour tell. */
export function summarize(context: IndexContext, parts: ThreadParts): StoredThread {
  const { threadId, rollout, neighbour, state } = parts;
  const { index, home } = context;
  const updatedAt = updatedAtOf(rollout, state);
  const { name, patch } = namesOf(index, threadId, { neighbour, state });
  const metadata = neighbourMetadataOf(rollout, neighbour);
  const parent = index.get("SELECT parent_thread_id FROM edges WHERE child_thread_id = ?", threadId);
  return summarizeThread({
    threadId,
    facts: mergeFacts(mergeFacts(state.born?.facts ?? NO_FACTS, inheritedBy(context, rollout)), rollout.scan.facts),
    patch: withoutOutdated(patch, parts),
    revision: state.revision ?? 0,
    updatedAt,
    rolloutPath: join(home, plainPath(rollout.path)),
    isPartial: rollout.scan.isPartial,
    ...(isArchived(rollout) ? { archivedAt: archivedAtOf(state, neighbour) ?? updatedAt } : {}),
    ...(name === undefined ? {} : { name }),
    ...(neighbour?.gitInfo ? { gitInfo: editedGitInfo(rollout, neighbour.gitInfo) } : {}),
    ...(neighbour?.memoryMode ? { memoryMode: neighbour.memoryMode } : {}),
    ...(metadata ? { neighbour: metadata } : {}),
    ...(parent ? { parentThreadId: String(parent.parent_thread_id) } : {}),
  });
}

/**
 * The newest entry of the name index counts, whoever made it; a name that was set through a store is set even where it
 * would not be shown otherwise.
 */
function namesOf(
  index: IndexDatabase,
  threadId: ThreadId,
  { neighbour, state }: Pick<ThreadParts, "neighbour" | "state">,
): { readonly name: string | undefined; readonly patch: ThreadMetadataPatch } {
  const recorded = index.get("SELECT name FROM recorded_names WHERE thread_id = ?", threadId)?.name;
  const { name: set, ...patch } = state.patch ?? {};
  if (recorded === undefined) return { name: neighbour?.name, patch: state.patch ?? {} };
  if (set !== undefined && recorded === (set ?? "")) return { name: undefined, patch: { ...patch, name: set } };
  return { name: String(recorded).trim(), patch };
}

/**
 * A patch without what the real Codex has edited since: then its row says something that it did not say when the patch
 * was made, and that no rollout says either.
 */
function withoutOutdated(patch: ThreadMetadataPatch, { rollout, neighbour, state }: ThreadParts): ThreadMetadataPatch {
  const { seen } = state;
  if (!neighbour || !seen) return patch;
  const { facts } = rollout.scan;
  const { gitInfo, memoryMode, ...rest } = patch;
  const isEdited = (now: unknown, then: unknown, recorded: unknown) =>
    !isSame(now ?? null, then ?? null) && !isSame(now ?? null, recorded ?? null);
  return {
    ...rest,
    ...(gitInfo && !isEdited(neighbour.gitInfo, seen.gitInfo, facts.gitInfo) ? { gitInfo } : {}),
    ...(memoryMode && !isEdited(neighbour.memoryMode, seen.memoryMode, facts.memoryMode) ? { memoryMode } : {}),
  };
}

/** The last archiving, whether this store or the real Codex did it. */
function archivedAtOf(state: ThreadState, neighbour: NeighbourThread | undefined): Instant | undefined {
  return [state.archivedAt, neighbour?.archivedAt]
    .filter((at) => at !== undefined)
    .sort()
    .at(-1);
}

/**
 * The time of the last line. The file's own time is believed only within the same second, where it adds the milliseconds
 * that Codex itself sorts by: copies and checkouts of a home change file times, but not lines.
 */
function updatedAtOf(rollout: RolloutRow, { touched }: ThreadState): Instant {
  const isUntouched = touched?.rolloutName !== fileNameOf(plainPath(rollout.path));
  if (touched && !isUntouched && rollout.scan.readTo <= touched.rolloutBytes) return touched.updatedAt;
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

/** What the real Codex's database tells of a thread. */
export function neighbourOf(index: IndexDatabase, threadId: ThreadId): NeighbourThread | undefined {
  const row = index.get("SELECT record FROM neighbour_threads WHERE thread_id = ?", threadId);
  return row && (JSON.parse(String(row.record)) as NeighbourThread);
}

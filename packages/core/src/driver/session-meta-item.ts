import type { HistoryMode } from "../protocol/history-mode.js";
import type { Instant } from "../protocol/instant.js";
import { asJsonObject, filledTextField } from "../protocol/json-value.js";
import type { RolloutItem } from "../protocol/rollout-item.js";
import type { HistoryBase, SessionMeta } from "../protocol/session-meta.js";
import { rolloutSpellingOf } from "../protocol/session-source.js";
import type { ThreadId } from "../protocol/thread-id.js";
import type { CreateThreadParams } from "../store/params.js";

/** What a store adds to the creation parameters when it writes the first line of a thread. */
export interface SessionMetaContext {
  readonly createdAt: Instant;
  readonly historyMode: HistoryMode;
  readonly sessionId: string;
  readonly forkedFromId?: ThreadId;
  readonly forkedFromOrdinalExclusive?: number;
  readonly historyBase?: HistoryBase;
  /** How agents of the thread work together, where its source says it. */
  readonly multiAgentVersion?: string;
}

/** The JSON text of the session_meta item that every store writes first, with its members in Codex's order. */
export function sessionMetaJson(params: CreateThreadParams, context: SessionMetaContext): string {
  const { metadata, threadId, spawn } = params;
  const git = metadata.gitInfo;
  const payload = {
    account_scoped: true,
    session_id: context.sessionId,
    id: threadId,
    forked_from_id: context.forkedFromId ?? metadata.forkedFromId,
    forked_from_ordinal_exclusive: context.forkedFromOrdinalExclusive,
    parent_thread_id: spawn?.parentThreadId,
    timestamp: context.createdAt,
    cwd: metadata.cwd ?? "",
    runtime_workspace_roots: metadata.cwd === undefined ? [] : [metadata.cwd],
    originator: metadata.originator,
    cli_version: metadata.cliVersion,
    source: rolloutSpellingOf(metadata.source),
    thread_source: metadata.threadSource,
    agent_nickname: metadata.agentNickname,
    agent_role: metadata.agentRole,
    agent_path: metadata.agentPath,
    model_provider: metadata.modelProvider,
    base_instructions: metadata.baseInstructions ?? null,
    dynamic_tools: metadata.dynamicTools?.length ? metadata.dynamicTools : undefined,
    memory_mode: metadata.memoryMode === "disabled" ? "disabled" : undefined,
    history_mode: context.historyMode,
    history_base: context.historyBase,
    multi_agent_version: context.multiAgentVersion,
    // The first context window of a thread goes by the thread's own id: it has to be unique and the same for good.
    context_window: { window_id: threadId },
    git: git && { commit_hash: git.commitHash, branch: git.branch, repository_url: git.repositoryUrl },
  };
  return JSON.stringify({ type: "session_meta", payload });
}

/** What a turn_context says of how agents work together; undefined for other items, and where it says nothing. */
export function multiAgentVersionOf(item: RolloutItem): string | undefined {
  if (item.type !== "turn_context") return undefined;
  return filledTextField(asJsonObject(item.payload) ?? {}, "multi_agent_version");
}

/** What changes in the session_meta of a thread that goes on from an earlier ordinal. */
export interface RevertContext {
  readonly revertedAt: Instant;
  readonly historyBase: HistoryBase;
  readonly multiAgentVersion?: string;
}

/** The session_meta of a reverted thread: its own last one, with another time and another base. */
export function revertedMetaJson(meta: SessionMeta, context: RevertContext): string {
  const { revertedAt, historyBase, multiAgentVersion } = context;
  const forkedFrom = meta.forked_from_ordinal_exclusive;
  return editedMetaJson(meta, {
    timestamp: revertedAt,
    history_base: historyBase,
    ...(multiAgentVersion === undefined ? {} : { multi_agent_version: multiAgentVersion }),
    // Of what it was forked from, a fork cannot keep more than it goes back to.
    ...(forkedFrom === undefined
      ? {}
      : { forked_from_ordinal_exclusive: Math.min(forkedFrom, historyBase.end_ordinal_exclusive) }),
  });
}

/** Members that may be added to a session_meta, and the one that the real Codex writes before each. */
const PLACES: Readonly<Record<string, string>> = {
  memory_mode: "history_mode",
  history_base: "multi_agent_version",
  multi_agent_version: "context_window",
  context_window: "git",
};

/** A session_meta item with some members changed; undefined takes one away. Others keep their place. */
export function editedMetaJson(meta: SessionMeta, changes: Readonly<Record<string, unknown>>): string {
  const members = Object.entries({ ...meta, ...changes }).filter(([, value]) => value !== undefined);
  const added = members.filter(([key]) => !(key in meta)).reverse();
  const payload = members.filter(([key]) => key in meta);
  for (const member of added) {
    let place = -1;
    for (let next = PLACES[member[0]]; next !== undefined && place < 0; next = PLACES[next]) {
      place = payload.findIndex(([key]) => key === next);
    }
    payload.splice(place < 0 ? payload.length : place, 0, member);
  }
  return JSON.stringify({ type: "session_meta", payload: Object.fromEntries(payload) });
}

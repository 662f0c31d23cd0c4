import type { HistoryMode } from "../protocol/history-mode.js";
import type { Instant } from "../protocol/instant.js";
import type { HistoryBase } from "../protocol/session-meta.js";
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
}

/** The JSON text of the session_meta item that every store writes first, with its members in Codex's order. */
export function sessionMetaJson(params: CreateThreadParams, context: SessionMetaContext): string {
  const { metadata, threadId, spawn } = params;
  const git = metadata.gitInfo;
  const payload = {
    session_id: context.sessionId,
    id: threadId,
    forked_from_id: context.forkedFromId,
    forked_from_ordinal_exclusive: context.forkedFromOrdinalExclusive,
    parent_thread_id: spawn?.parentThreadId,
    timestamp: context.createdAt,
    cwd: metadata.cwd ?? "",
    originator: metadata.originator,
    cli_version: metadata.cliVersion,
    source: rolloutSpellingOf(metadata.source),
    thread_source: metadata.threadSource,
    agent_nickname: metadata.agentNickname,
    agent_role: metadata.agentRole,
    agent_path: metadata.agentPath,
    model_provider: metadata.modelProvider,
    base_instructions: metadata.baseInstructions ?? null,
    history_mode: context.historyMode,
    history_base: context.historyBase,
    dynamic_tools: metadata.dynamicTools?.length ? metadata.dynamicTools : undefined,
    memory_mode: metadata.memoryMode === "disabled" ? "disabled" : undefined,
    git: git && { commit_hash: git.commitHash, branch: git.branch, repository_url: git.repositoryUrl },
  };
  return JSON.stringify({ type: "session_meta", payload });
}

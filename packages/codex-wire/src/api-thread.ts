import { type Instant, instantToMs, type SessionSource, type StoredThread } from "@threadstore/core";
import type { ApiTurn } from "./api-turn.js";

/** A thread as Codex's app-server sends it: every key present, absent values null, times in whole Unix seconds. */
export interface ApiThread {
  readonly id: string;
  readonly environments: null;
  readonly extra: null;
  readonly sessionId: string;
  readonly forkedFromId: string | null;
  readonly attachedToThreadId: string | null;
  readonly parentThreadId: string | null;
  readonly preview: string;
  readonly ephemeral: boolean;
  readonly section: { readonly id: string; readonly name: string; readonly appearance: unknown } | null;
  readonly sectionEnteredAt: number | null;
  readonly projectId: string | null;
  readonly historyMode: "paginated" | "legacy";
  readonly modelProvider: string;
  readonly model: string | null;
  readonly reasoningEffort: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly recencyAt: number;
  readonly status: { readonly type: "notLoaded" };
  readonly path: string | null;
  readonly cwd: string;
  readonly cliVersion: string;
  readonly originator: string | null;
  readonly source: SessionSource;
  readonly canAcceptDirectInput: null;
  readonly threadSource: string | null;
  readonly agentNickname: string | null;
  readonly agentRole: string | null;
  readonly gitInfo: {
    readonly sha: string | null;
    readonly branch: string | null;
    readonly originUrl: string | null;
  } | null;
  readonly name: string | null;
  readonly daybreakEnabled: boolean | null;
  /** Empty unless a read asks for them. */
  readonly turns: readonly ApiTurn[];
}

/** The API form of a stored thread that no runtime has loaded. */
export function toApiThread(thread: StoredThread): ApiThread {
  const { neighbour, gitInfo } = thread;
  const section = neighbour?.section;
  return {
    id: thread.threadId,
    environments: null,
    extra: null,
    sessionId: thread.sessionId,
    forkedFromId: thread.forkedFromId ?? null,
    attachedToThreadId: neighbour?.attachedToThreadId ?? null,
    parentThreadId: thread.parentThreadId ?? null,
    preview: thread.preview,
    ephemeral: false,
    section: section ? { id: section.id, name: section.name, appearance: section.appearance } : null,
    sectionEnteredAt: neighbour?.sectionEnteredAt === undefined ? null : toUnixSeconds(neighbour.sectionEnteredAt),
    projectId: neighbour?.projectId ?? null,
    historyMode: thread.historyMode,
    modelProvider: thread.modelProvider,
    model: thread.model ?? null,
    reasoningEffort: thread.reasoningEffort ?? null,
    createdAt: toUnixSeconds(thread.createdAt),
    updatedAt: toUnixSeconds(thread.updatedAt),
    recencyAt: toUnixSeconds(thread.recencyAt),
    status: { type: "notLoaded" },
    path: thread.rolloutPath ?? null,
    cwd: thread.cwd,
    cliVersion: thread.cliVersion,
    originator: thread.originator ?? null,
    source: thread.source,
    canAcceptDirectInput: null,
    threadSource: thread.threadSource ?? null,
    agentNickname: thread.agentNickname ?? null,
    agentRole: thread.agentRole ?? null,
    gitInfo: gitInfo
      ? { sha: gitInfo.commitHash ?? null, branch: gitInfo.branch ?? null, originUrl: gitInfo.repositoryUrl ?? null }
      : null,
    name: thread.name ?? null,
    daybreakEnabled: neighbour?.daybreakEnabled ?? null,
    turns: [],
  };
}

function toUnixSeconds(instant: Instant): number {
  return Math.floor(instantToMs(instant) / 1000);
}

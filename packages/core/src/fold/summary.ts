import type { HistoryMode } from "../protocol/history-mode.js";
import { type Instant, instantFromMs } from "../protocol/instant.js";
import { threadSpawnOf } from "../protocol/session-source.js";
import type { ThreadId } from "../protocol/thread-id.js";
import type { ThreadMetadataPatch } from "../store/metadata-patch.js";
import type { GitInfo, NeighbourMetadata, StoredThread } from "../store/records.js";
import { type MetadataFacts, previewFact, previewOf } from "./metadata.js";

/** Everything a summary is made of beside the facts. */
export interface SummarySources {
  readonly threadId: ThreadId;
  readonly facts: MetadataFacts;
  /** All patches so far, merged. */
  readonly patch?: ThreadMetadataPatch;
  readonly revision?: number;
  /** Default: the last item's time, else creation. */
  readonly updatedAt?: Instant;
  readonly archivedAt?: Instant;
  /** A name from outside the items, such as a name index; null when it was taken away. */
  readonly name?: string | null;
  readonly parentThreadId?: ThreadId;
  readonly gitInfo?: GitInfo;
  readonly memoryMode?: string;
  readonly neighbour?: NeighbourMetadata;
  readonly rolloutPath?: string;
  readonly isPartial?: boolean;
}

/** A thread's summary: explicit patches over what the items tell. */
export function summarizeThread(sources: SummarySources): StoredThread {
  const thread = summaryOfFacts(sources);
  return sources.patch ? applyPatch(thread, sources.patch) : thread;
}

function summaryOfFacts(sources: SummarySources): StoredThread {
  const { threadId, facts } = sources;
  const meta = facts.meta;
  const source = meta?.source ?? "unknown";
  const spawn = threadSpawnOf(source);
  const createdAt = meta?.createdAt ?? facts.firstItemAt ?? sources.updatedAt ?? instantFromMs(0);
  const preview = previewFact(facts);
  const historyMode = meta?.historyMode ?? "legacy";
  return {
    threadId,
    revision: sources.revision ?? 0,
    historyMode,
    sessionId: meta?.sessionId ?? threadId,
    preview,
    modelProvider: meta?.modelProvider ?? "",
    createdAt,
    updatedAt: sources.updatedAt ?? facts.lastItemAt ?? createdAt,
    recencyAt: facts.lastTurnStartedAt ?? createdAt,
    cwd: facts.settingsCwd ?? meta?.cwd ?? facts.contextCwd ?? "",
    cliVersion: meta?.cliVersion ?? "",
    source,
    approvalMode: facts.approvalMode ?? null,
    sandboxPolicy: facts.sandboxPolicy ?? null,
    ...optional("name", shownName(sources.name, { recorded: facts.recordedName, preview, historyMode })),
    ...optional("forkedFromId", meta?.forkedFromId),
    ...optional("parentThreadId", sources.parentThreadId ?? meta?.parentThreadId ?? spawn?.parentThreadId),
    ...optional("model", facts.model?.model),
    ...optional("serviceTier", facts.model?.serviceTier),
    ...optional("reasoningEffort", facts.model?.reasoningEffort),
    ...optional("archivedAt", sources.archivedAt),
    ...optional("originator", meta?.originator),
    ...optional("threadSource", meta?.threadSource),
    ...optional("agentNickname", meta?.agentNickname ?? spawn?.agentNickname),
    ...optional("agentRole", meta?.agentRole ?? spawn?.agentRole),
    ...optional("agentPath", meta?.agentPath ?? spawn?.agentPath),
    ...optional("gitInfo", knownGitInfo(sources.gitInfo ?? facts.gitInfo)),
    ...optional("permissionProfile", facts.permissionProfile),
    ...optional("tokenUsage", facts.tokenUsage),
    ...optional("memoryMode", sources.memoryMode ?? facts.memoryMode),
    ...optional("firstUserMessage", facts.firstUserMessage?.text),
    ...optional("rolloutPath", sources.rolloutPath),
    ...optional("partial", sources.isPartial ? (true as const) : undefined),
    ...optional("neighbour", sources.neighbour),
  };
}

interface NameContext {
  readonly recorded: string | undefined;
  readonly preview: string;
  readonly historyMode: HistoryMode;
}

/** Old databases keep the first message where the name stands: in a legacy thread a name equal to it is none. */
function shownName(outside: string | null | undefined, context: NameContext): string | undefined {
  const name = outside === undefined ? context.recorded : outside;
  if (name === undefined || name === null || name.trim() === "") return undefined;
  return context.historyMode === "legacy" && name.trim() === context.preview.trim() ? undefined : name;
}

/** The title lists search in, when a patch gave one. */
export function patchedTitle(patch: ThreadMetadataPatch | undefined): string | undefined {
  return patch?.title === undefined ? undefined : previewOf(patch.title);
}

/** Lays a merged patch over a summary. */
function applyPatch(thread: StoredThread, patch: ThreadMetadataPatch): StoredThread {
  // Most threads were never patched, and lists make a summary of each.
  if (Object.keys(patch).length === 0) return thread;
  const { title: _title, advanceRecencyAt, gitInfo, preview, firstUserMessage, ...fields } = patch;
  const set = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  const cleared = Object.keys(fields).filter((key) => fields[key as keyof typeof fields] === null);
  const kept = Object.fromEntries(Object.entries(thread).filter(([key]) => !cleared.includes(key)));
  const git = gitInfo === undefined ? thread.gitInfo : patchGitInfo(thread.gitInfo, gitInfo);
  const { gitInfo: _git, ...rest } = { ...kept, ...Object.fromEntries(set) } as unknown as StoredThread;
  return {
    ...rest,
    ...optional("gitInfo", git),
    ...optional("preview", preview === undefined ? undefined : previewOf(preview)),
    ...optional("firstUserMessage", firstUserMessage === undefined ? undefined : previewOf(firstUserMessage)),
    approvalMode: rest.approvalMode ?? null,
    sandboxPolicy: rest.sandboxPolicy ?? null,
    recencyAt: advanceRecencyAt !== undefined && advanceRecencyAt > rest.recencyAt ? advanceRecencyAt : rest.recencyAt,
  };
}

function patchGitInfo(git: GitInfo | undefined, patch: NonNullable<ThreadMetadataPatch["gitInfo"]>) {
  const fields = Object.entries({ ...git, ...patch }).filter(([, value]) => value !== undefined && value !== null);
  return knownGitInfo(Object.fromEntries(fields) as GitInfo);
}

function knownGitInfo(git: GitInfo | undefined): GitInfo | undefined {
  return git && Object.keys(git).length > 0 ? git : undefined;
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}

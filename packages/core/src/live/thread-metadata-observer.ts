import { type FoldedItem, factsOfItem, IMAGE_ONLY, type MetadataFacts } from "../fold/metadata.js";
import type { Instant } from "../protocol/instant.js";
import { threadSpawnOf } from "../protocol/session-source.js";
import type { ThreadId } from "../protocol/thread-id.js";
import { type GitInfoPatch, mergePatches, type ThreadMetadataPatch } from "../store/metadata-patch.js";
import type { ThreadPersistenceMetadata } from "../store/params.js";

/** What an observer has seen of a thread: facts that only the first item to tell them decides. */
export interface ObserverState {
  readonly hasCwd: boolean;
  readonly hasPreview: boolean;
  readonly hasFirstMessage: boolean;
}

/** What was observed: the state after it, and the patch that says it. An empty patch: nothing but that something came. */
export interface Observation {
  readonly state: ObserverState;
  readonly patch: ThreadMetadataPatch;
}

export const NOTHING_SEEN: ObserverState = { hasCwd: false, hasPreview: false, hasFirstMessage: false };

/** Whose items are observed, and when. */
export interface ObserverContext {
  readonly threadId: ThreadId;
  readonly now: Instant;
}

/** What a thread is born with. */
export function observeCreation(metadata: ThreadPersistenceMetadata, now: Instant): Observation {
  const spawn = threadSpawnOf(metadata.source);
  const { cwd, cliVersion, modelProvider, source, gitInfo } = metadata;
  const patch = withoutUndefined({
    modelProvider,
    source,
    cliVersion,
    cwd,
    gitInfo,
    createdAt: now,
    updatedAt: now,
    threadSource: metadata.threadSource,
    agentNickname: metadata.agentNickname ?? spawn?.agentNickname,
    agentRole: metadata.agentRole ?? spawn?.agentRole,
    agentPath: metadata.agentPath ?? spawn?.agentPath,
    model: metadata.model,
    reasoningEffort: metadata.reasoningEffort,
    serviceTier: metadata.serviceTier,
    approvalMode: metadata.approvalMode,
    sandboxPolicy: metadata.sandboxPolicy,
    permissionProfile: metadata.permissionProfile,
    memoryMode: metadata.memoryMode,
  });
  return { state: { ...NOTHING_SEEN, hasCwd: cwd !== undefined && cwd !== "" }, patch };
}

/** What one appended item tells, by the fold that stores use, as a patch. */
export function observeItem(state: ObserverState, item: FoldedItem, context: ObserverContext): Observation {
  const facts = factsOfItem(item, context.threadId);
  const cwd = facts.settingsCwd ?? facts.meta?.cwd ?? (state.hasCwd ? undefined : facts.contextCwd);
  const message = state.hasFirstMessage ? undefined : facts.firstUserMessage?.text;
  const preview = state.hasPreview ? undefined : (message ?? facts.firstGoal?.text);
  const patch = withoutUndefined({
    ...patchOfSession(facts),
    ...patchOfSettings(facts),
    cwd,
    preview,
    firstUserMessage: message,
    title: message === IMAGE_ONLY ? undefined : message,
    advanceRecencyAt: facts.lastTurnStartedAt === undefined ? undefined : context.now,
  });
  return {
    patch,
    state: {
      hasCwd: state.hasCwd || cwd !== undefined,
      hasPreview: state.hasPreview || preview !== undefined,
      hasFirstMessage: state.hasFirstMessage || message !== undefined,
    },
  };
}

/**
 * What a stored history tells, without a time of update. Git info and memory mode are left out: those may have been edited
 * since, and whoever wrote the history has told the store what they were.
 */
export function observeHistory(items: Iterable<FoldedItem>, threadId: ThreadId): Observation {
  let state = NOTHING_SEEN;
  let patch: ThreadMetadataPatch = {};
  for (const item of items) {
    const observed = observeItem(state, item, { threadId, now: item.timestamp });
    state = observed.state;
    patch = mergePatches(patch, observed.patch);
  }
  const { gitInfo: _git, memoryMode: _mode, ...told } = patch;
  return { state, patch: told };
}

function patchOfSession({ meta, gitInfo, memoryMode }: MetadataFacts): ThreadMetadataPatch {
  return withoutUndefined({
    createdAt: meta?.createdAt,
    source: meta?.source,
    threadSource: meta?.threadSource,
    agentNickname: meta?.agentNickname,
    agentRole: meta?.agentRole,
    agentPath: meta?.agentPath,
    modelProvider: meta?.modelProvider,
    cliVersion: meta?.cliVersion,
    gitInfo: gitInfo as GitInfoPatch | undefined,
    memoryMode: memoryMode === "enabled" || memoryMode === "disabled" ? memoryMode : undefined,
  });
}

function patchOfSettings(facts: MetadataFacts): ThreadMetadataPatch {
  const { model, approvalMode, sandboxPolicy, permissionProfile, tokenUsage } = facts;
  return withoutUndefined({
    model: model?.model,
    // Model, effort and tier are set together: settings without one take the earlier one away.
    reasoningEffort: model && (model.reasoningEffort ?? null),
    serviceTier: model && (model.serviceTier ?? null),
    approvalMode,
    sandboxPolicy,
    permissionProfile,
    tokenUsage,
  });
}

function withoutUndefined(patch: { readonly [K in keyof ThreadMetadataPatch]: ThreadMetadataPatch[K] | undefined }) {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as ThreadMetadataPatch;
}

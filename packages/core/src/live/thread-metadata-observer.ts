import { type FoldedItem, factsOfItem, IMAGE_ONLY, type MetadataFacts } from "../fold/metadata.js";
import type { Instant } from "../protocol/instant.js";
import { threadSpawnOf } from "../protocol/session-source.js";
import type { ThreadId } from "../protocol/thread-id.js";
import { type GitInfoPatch, mergePatches, type ThreadMetadataPatch } from "../store/metadata-patch.js";
import type { ThreadPersistenceMetadata } from "../store/params.js";
import type { StoredThread } from "../store/records.js";

/** What an observer has seen of a thread: facts that only the first item to tell them decides. */
export interface ObserverState {
  readonly hasCwd: boolean;
  /** Whether settings told a folder: those count more than any session_meta. */
  readonly hasSettingsCwd: boolean;
  readonly hasPreview: boolean;
  readonly hasFirstMessage: boolean;
  readonly hasTitle: boolean;
}

/** What was observed: the state after it, and the patch that says it. An empty patch: nothing but that something came. */
export interface Observation {
  readonly state: ObserverState;
  readonly patch: ThreadMetadataPatch;
}

export const NOTHING_SEEN: ObserverState = {
  hasCwd: false,
  hasSettingsCwd: false,
  hasPreview: false,
  hasFirstMessage: false,
  hasTitle: false,
};

/** Whose items are observed, and when. */
export interface ObserverContext {
  readonly threadId: ThreadId;
  readonly now: Instant;
}

/** What a thread is born with. */
export function observeCreation(metadata: ThreadPersistenceMetadata, now: Instant): Observation {
  const spawn = threadSpawnOf(metadata.source);
  const { cwd, cliVersion, modelProvider, source, gitInfo, model } = metadata;
  // Model, effort and tier are set together: without a model the others tell nothing.
  const settings =
    model === undefined ? {} : { reasoningEffort: metadata.reasoningEffort, serviceTier: metadata.serviceTier };
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
    model,
    ...settings,
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
  const cwd = cwdOf(facts, state);
  const text = facts.firstUserMessage?.text;
  const message = state.hasFirstMessage ? undefined : text;
  const title = state.hasTitle || text === IMAGE_ONLY ? undefined : text;
  const preview = state.hasPreview ? undefined : (message ?? facts.firstGoal?.text);
  const patch = withoutUndefined({
    ...patchOfSession(facts),
    ...patchOfSettings(facts),
    cwd,
    preview,
    firstUserMessage: message,
    title,
    advanceRecencyAt: facts.lastTurnStartedAt === undefined ? undefined : context.now,
  });
  return {
    patch,
    state: {
      hasCwd: state.hasCwd || cwd !== undefined,
      hasSettingsCwd: state.hasSettingsCwd || facts.settingsCwd !== undefined,
      hasTitle: state.hasTitle || title !== undefined,
      hasPreview: state.hasPreview || preview !== undefined,
      hasFirstMessage: state.hasFirstMessage || message !== undefined,
    },
  };
}

function cwdOf(facts: MetadataFacts, state: ObserverState): string | undefined {
  if (facts.settingsCwd !== undefined || state.hasSettingsCwd) return facts.settingsCwd;
  return facts.meta?.cwd ?? (state.hasCwd ? undefined : facts.contextCwd);
}

/** What a stored history tells, after what is known already, without a time of update. */
export function observeHistory(items: Iterable<FoldedItem>, threadId: ThreadId, from = NOTHING_OBSERVED): Observation {
  let { state, patch } = from;
  for (const item of items) {
    const observed = observeItem(state, item, { threadId, now: item.timestamp });
    state = observed.state;
    patch = mergePatches(patch, observed.patch);
  }
  const spawn = patch.source === undefined ? null : threadSpawnOf(patch.source);
  const { agentNickname, agentRole, agentPath } = spawn ?? {};
  return { state, patch: { ...withoutUndefined({ agentNickname, agentRole, agentPath }), ...patch } };
}

const NOTHING_OBSERVED: Observation = { state: NOTHING_SEEN, patch: {} };

/**
 * The part of what a history tells that a store does not know of its thread. What the store knows may have been set by a
 * caller, and that counts until it is set again; git info and memory mode may have been cleared.
 */
export function withoutKnown(patch: ThreadMetadataPatch, thread: StoredThread): ThreadMetadataPatch {
  const { createdAt, source, title, gitInfo: _git, memoryMode: _mode, advanceRecencyAt, ...fields } = patch;
  const unknown = Object.entries(fields).filter(([field]) => {
    const known = thread[field as keyof StoredThread];
    return known === undefined || known === null || known === "";
  });
  return {
    ...Object.fromEntries(unknown),
    ...(createdAt !== undefined && createdAt < thread.createdAt ? { createdAt } : {}),
    ...(source !== undefined && thread.source === "unknown" ? { source } : {}),
    ...(title !== undefined && thread.preview === "" ? { title } : {}),
    ...(advanceRecencyAt !== undefined && advanceRecencyAt > thread.recencyAt ? { advanceRecencyAt } : {}),
  };
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

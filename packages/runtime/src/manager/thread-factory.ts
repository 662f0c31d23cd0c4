import {
  type Clock,
  type CreateThreadParams,
  type IdSource,
  LiveThread,
  LiveThreadInitGuard,
  openMemoryThreadStore,
  type SessionSource,
  type StoredThread,
  type ThreadId,
  type ThreadPersistenceMetadata,
  type ThreadStore,
  threadSpawnOf,
} from "@threadstore/core";
import { AgentThread } from "../thread/agent-thread.js";
import type { ThreadIdentity } from "../thread/thread-identity.js";
import { NO_TOKENS, type TokenUsage, usageOf } from "../turn/turn-items.js";
import type { TurnEnd } from "../turn/turn-recorder.js";
import type { TurnSettings } from "../turn/turn-settings.js";
import { readInstructions } from "./instructions.js";
import type { RuntimeLimits, StartThreadParams, ThreadManagerOptions } from "./manager-params.js";
import { storedSettings } from "./thread-settings.js";

/** Told by every thread that a factory makes. */
interface ThreadCallbacks {
  onTurnEnd(thread: ThreadIdentity, end: TurnEnd): void;
  onClosed(thread: AgentThread): void;
}

export interface ThreadFactoryOptions extends Omit<ThreadManagerOptions, "limits" | "clock" | "ids"> {
  readonly limits: RuntimeLimits;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly callbacks: ThreadCallbacks;
}

/** A thread that is to be made. */
export interface Birth extends StartThreadParams {
  readonly threadId: ThreadId;
  readonly settings: TurnSettings;
  readonly fork?: CreateThreadParams["fork"];
  readonly spawn?: CreateThreadParams["spawn"];
  /** Recorded as the source whose items are copied. */
  readonly forkedFromId?: ThreadId;
  readonly sessionId?: ThreadId;
  /** Called with the new thread's writer before anybody sees the thread. */
  readonly furnish?: (live: LiveThread, store: ThreadStore) => Promise<void>;
}

/** What is given with a stored thread that is to be opened. */
export interface Reopening {
  readonly settings?: Partial<TurnSettings>;
  readonly includeArchived?: boolean;
  readonly takeOver?: boolean;
  readonly rolloutPath?: string;
}

/** Makes running threads of new and of stored ones. */
export class ThreadFactory {
  readonly #options: ThreadFactoryOptions;

  constructor(options: ThreadFactoryOptions) {
    this.#options = options;
  }

  async create(birth: Birth): Promise<AgentThread> {
    const { clock } = this.#options;
    const store = birth.isEphemeral ? openMemoryThreadStore({ clock }) : this.#options.store;
    const { threadId, historyMode, sessionId, fork, spawn } = birth;
    const live = await LiveThread.create(
      store,
      {
        threadId,
        metadata: this.#metadataOf(birth),
        ...(historyMode ? { historyMode } : {}),
        ...(sessionId === undefined ? {} : { sessionId }),
        ...(fork ? { fork } : {}),
        ...(spawn ? { spawn } : {}),
      },
      { clock },
    );
    try {
      return await this.#furnished(birth, { live, store });
    } catch (error) {
      await undo(live, store);
      throw error;
    }
  }

  async #furnished(birth: Birth, { live, store }: { readonly live: LiveThread; readonly store: ThreadStore }) {
    await birth.furnish?.(live, store);
    const { settings, fork, forkedFromId } = birth;
    const isStored = fork !== undefined || birth.furnish !== undefined;
    const usage = fork || forkedFromId !== undefined ? await usageSoFar(live) : NO_TOKENS;
    return this.#threadOf({ identity: this.#identityOf(birth), store, live, settings, usage, isStored });
  }

  async resume(threadId: ThreadId, reopening: Reopening): Promise<AgentThread> {
    const { store, clock, settings: defaults } = this.#options;
    const { settings, ...resume } = reopening;
    const live = await LiveThread.resume(store, { threadId, ...resume }, { clock });
    await using guard = new LiveThreadInitGuard(live);
    // A writer that was taken over may have recorded more until now.
    const stored = await live.readThread();
    const identity = identityOfStored(stored, await readInstructions(store, live.threadId));
    const merged = { ...storedSettings(stored, defaults), ...settings };
    const usage = usageOf(stored.tokenUsage);
    const thread = this.#threadOf({ identity, store, live, settings: merged, usage, isStored: true });
    guard.commit();
    return thread;
  }

  #threadOf(made: {
    readonly identity: ThreadIdentity;
    readonly store: ThreadStore;
    readonly live: LiveThread;
    readonly settings: TurnSettings;
    readonly usage: TokenUsage;
    readonly isStored: boolean;
  }): AgentThread {
    const { agent, limits, clock, ids, callbacks } = this.#options;
    const thread: AgentThread = new AgentThread({
      ...made,
      agent: typeof agent === "function" ? agent(made.identity) : agent,
      eventBufferMaxEvents: limits.eventBufferMaxEvents,
      agentStopMaxMs: limits.agentStopMaxMs,
      onTurnEnd: (end) => callbacks.onTurnEnd(made.identity, end),
      onClosed: () => callbacks.onClosed(thread),
      clock,
      ids,
    });
    return thread;
  }

  #metadataOf({ settings, source, instructions, ...birth }: Birth): ThreadPersistenceMetadata {
    const { originator, version, source: managerSource = "exec", settings: defaults } = this.#options;
    const spawn = threadSpawnOf(source ?? managerSource);
    return {
      cwd: settings.cwd,
      originator,
      cliVersion: version,
      source: source ?? managerSource,
      modelProvider: settings.modelProvider ?? defaults.modelProvider,
      model: settings.model,
      ...(settings.reasoningEffort === undefined ? {} : { reasoningEffort: settings.reasoningEffort }),
      ...(birth.threadSource === undefined ? {} : { threadSource: birth.threadSource }),
      ...(instructions === undefined ? {} : { baseInstructions: { text: instructions } }),
      ...(birth.gitInfo ? { gitInfo: birth.gitInfo } : {}),
      ...(birth.forkedFromId === undefined ? {} : { forkedFromId: birth.forkedFromId }),
      ...agentNames(spawn),
    };
  }

  #identityOf(birth: Birth): ThreadIdentity {
    const { source: managerSource = "exec", settings: defaults } = this.#options;
    const { threadId, settings, instructions } = birth;
    const forkedFromId = birth.fork?.from ?? birth.forkedFromId;
    return {
      threadId,
      sessionId: birth.sessionId ?? threadId,
      historyMode: birth.historyMode ?? "paginated",
      isEphemeral: birth.isEphemeral ?? false,
      modelProvider: settings.modelProvider ?? defaults.modelProvider,
      ...(forkedFromId === undefined ? {} : { forkedFromId }),
      ...spawnedAs(birth.source ?? managerSource),
      ...(instructions === undefined ? {} : { instructions }),
    };
  }
}

/** Takes back a thread that could not be made whole, as far as its store lets it; what failed first is told. */
async function undo(live: LiveThread, store: ThreadStore): Promise<void> {
  const { threadId } = live;
  await live.discard().catch(() => undefined);
  if (store.capabilities.has("deletion")) await store.deleteThread({ threadId }).catch(() => undefined);
}

/** The tokens that a fork inherits. */
async function usageSoFar(live: LiveThread): Promise<TokenUsage> {
  await live.flush();
  return usageOf((await live.readThread()).tokenUsage);
}

/** What the metadata of a stored thread says of its agent wins over its source: it may have been set. */
function identityOfStored(stored: StoredThread, instructions: string | undefined): ThreadIdentity {
  const { threadId, sessionId, historyMode, modelProvider, forkedFromId, parentThreadId, source } = stored;
  const { agentNickname, agentRole, agentPath } = stored;
  return {
    threadId,
    sessionId,
    historyMode,
    isEphemeral: false,
    modelProvider,
    ...(forkedFromId === undefined ? {} : { forkedFromId }),
    ...spawnedAs(source),
    ...(parentThreadId === undefined ? {} : { parentThreadId }),
    ...(agentNickname === undefined ? {} : { agentNickname }),
    ...(agentRole === undefined ? {} : { agentRole }),
    ...(agentPath === undefined ? {} : { agentPath }),
    ...(instructions === undefined ? {} : { instructions }),
  };
}

function spawnedAs(source: SessionSource) {
  const spawn = threadSpawnOf(source);
  const parent = spawn ? { parentThreadId: spawn.parentThreadId } : {};
  return { depth: spawn?.depth ?? 0, ...parent, ...agentNames(spawn) };
}

function agentNames(spawn: ReturnType<typeof threadSpawnOf>) {
  const { agentNickname, agentRole, agentPath } = spawn ?? {};
  return {
    ...(agentNickname === undefined ? {} : { agentNickname }),
    ...(agentRole === undefined ? {} : { agentRole }),
    ...(agentPath === undefined ? {} : { agentPath }),
  };
}

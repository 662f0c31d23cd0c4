import {
  parseThreadId,
  type ResponseItem,
  type StoredThread,
  systemClock,
  systemIds,
  type ThreadId,
  ThreadStoreError,
  type UpdateThreadMetadataParams,
} from "@threadstore/core";
import type { AgentThread } from "../thread/agent-thread.js";
import { EventChannel } from "../thread/event-channel.js";
import { settledWithin } from "../thread/settled-within.js";
import type { LaggedEvent } from "../thread/thread-event.js";
import type { ThreadIdentity, ThreadSnapshot } from "../thread/thread-identity.js";
import type { ThreadOp } from "../thread/thread-op.js";
import type { TurnEnd } from "../turn/turn-recorder.js";
import { AgentTrees, agentPathOf, pathConflict, type SpawnPlace } from "./agent-tree.js";
import { childNotification } from "./child-notification.js";
import { copyHistory } from "./copy-history.js";
import { endInheritedTurn, forkPoint } from "./fork-point.js";
import { readInstructions } from "./instructions.js";
import {
  DEFAULT_RUNTIME_LIMITS,
  type ForkThreadParams,
  type ManagerEvent,
  type ResumeThreadParams,
  type RuntimeLimits,
  type SpawnChildParams,
  type StartThreadParams,
  type ThreadManagerOptions,
} from "./manager-params.js";
import { type ShutdownReport, shutdownThreads } from "./shutdown-report.js";
import { type Birth, ThreadFactory } from "./thread-factory.js";
import { ThreadRegistry } from "./thread-registry.js";
import { storedSettings } from "./thread-settings.js";

/**
 * The threads that are running in this process: starts, resumes, forks, spawns, finds and shuts them down. Of a thread there is one
 * {@link AgentThread}, however many ask for it.
 *
 * @see docs/agents.md
 */
export class ThreadManager implements AsyncDisposable {
  readonly limits: RuntimeLimits;
  readonly #options: ThreadManagerOptions;
  readonly #factory: ThreadFactory;
  readonly #registry = new ThreadRegistry();
  readonly #trees: AgentTrees;
  readonly #events: EventChannel<ManagerEvent>;
  readonly #notifications = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(options: ThreadManagerOptions) {
    const { clock = systemClock, ids = systemIds } = options;
    this.limits = { ...DEFAULT_RUNTIME_LIMITS, ...options.limits };
    this.#options = options;
    this.#events = new EventChannel(this.limits.eventBufferMaxEvents);
    this.#trees = new AgentTrees(this.limits, () => this.#identities());
    const callbacks = {
      onTurnEnd: (thread: ThreadIdentity, end: TurnEnd) => this.#tellParent(thread, end),
      onClosed: (thread: AgentThread) => this.#closed(thread),
    };
    this.#factory = new ThreadFactory({ ...options, limits: this.limits, clock, ids, callbacks });
  }

  /** Threads that are made, resumed and closed from now on. */
  events(): AsyncIterableIterator<ManagerEvent | LaggedEvent, undefined> {
    return this.#events.subscribe();
  }

  /** Makes a thread. It leaves no trace in the store until something is recorded. @throws as `createThread`. */
  startThread(params: StartThreadParams = {}): Promise<AgentThread> {
    return this.#create({ ...params, threadId: this.#newId(params), settings: this.#settings(params) });
  }

  /**
   * Opens a stored thread, or finds it when it is loaded: then settings are not changed. Calls at the same time open one.
   *
   * @throws ThreadStoreError as `resumeThread` of the store; `unsupported` by path, over a store without paths;
   * `invalid_request` it is loaded with another rollout; `conflict` it is closing.
   */
  async resumeThread(params: ResumeThreadParams): Promise<AgentThread> {
    this.#mustBeOpen();
    if ("responseItems" in params) return this.#startWith(params.responseItems, params);
    if ("threadId" in params) return this.#resume(params.threadId, params);
    const { rolloutPath, includeArchived = false } = params;
    const stored = await this.#options.store.readThreadByRolloutPath({ rolloutPath, includeArchived });
    return this.#resume(stored.threadId, params);
  }

  /**
   * Makes a thread that begins as another one did. The source may be running: it goes on by itself.
   *
   * @throws ThreadStoreError as `createThread` of the store; `invalid_request` there is no such turn.
   */
  async forkThread(params: ForkThreadParams): Promise<AgentThread> {
    const { from: asked, at, byCopy = false, ...rest } = params;
    const loaded = this.#registry.find(asked);
    const store = loaded?.store ?? this.#options.store;
    const source = await store.readThread({ threadId: asked, includeArchived: true });
    const from = source.threadId;
    const endOrdinalExclusive = await forkPoint(store, params);
    const settings = loaded?.snapshot().settings ?? storedSettings(source, this.#options.settings);
    const instructions = loaded ? loaded.snapshot().instructions : await readInstructions(store, from);
    const cut = endOrdinalExclusive === undefined ? {} : { endOrdinalExclusive };
    const isCopied = byCopy || params.isEphemeral || store !== this.#options.store;
    const birth: Birth = {
      ...(source.gitInfo ? { gitInfo: source.gitInfo } : {}),
      ...(instructions === undefined ? {} : { instructions }),
      source: threadSourceOf(source),
      ...rest,
      threadId: this.#newId(params),
      historyMode: source.historyMode,
      settings: { ...settings, ...params.settings },
      ...(isCopied ? { forkedFromId: from } : { fork: { from, ...cut } }),
      furnish: async (live, forkStore) => {
        if (isCopied) {
          await live.persist();
          await copyHistory({ store, threadId: from, ...cut }, live);
        }
        await endInheritedTurn(live, forkStore);
      },
    };
    return this.#create(birth);
  }

  /**
   * Makes a sub-agent of a loaded thread. When one of its turns ends, its parent's model is told.
   *
   * @throws ThreadStoreError `thread_not_found` the parent is not loaded; `resource_exhausted` too deep, or too many;
   * `conflict` another thread of the tree has the agent path.
   */
  async spawnChild(params: SpawnChildParams): Promise<AgentThread> {
    const child = await this.#spawn(this.#registry.get(params.parentThreadId), params);
    const { input = [], rootTurnId } = params;
    if (input.length === 0) return child;
    try {
      await child.submit({ type: "userTurn", input, ...(rootTurnId === undefined ? {} : { rootTurnId }) });
      return child;
    } catch (error) {
      // Nobody knows of a child that could not begin; what failed first is told.
      await this.closeChild(child.threadId).catch(() => undefined);
      throw error;
    }
  }

  /** Shuts a sub-agent down for good: its edge is closed. @throws ThreadStoreError `invalid_request` nobody spawned it. */
  async closeChild(childThreadId: ThreadId): Promise<void> {
    const child = this.#registry.get(childThreadId);
    const { parentThreadId } = child.snapshot();
    if (parentThreadId === undefined) {
      throw new ThreadStoreError("invalid_request", `thread ${childThreadId} is no sub-agent`);
    }
    await child.submit({ type: "shutdown" });
    const { store, threadId } = child;
    // A child that never did anything left no trace.
    const edges = store.capabilities.has("edges") ? await store.listThreadSpawnEdges({ threadId: parentThreadId }) : [];
    if (edges.some((edge) => edge.childThreadId === threadId)) {
      await store.upsertThreadSpawnEdge({ parentThreadId, childThreadId: threadId, status: "closed" });
    }
  }

  /** @throws ThreadStoreError `thread_not_found` it is not loaded. */
  getThread(threadId: ThreadId): AgentThread {
    return this.#registry.get(threadId);
  }

  /** The ids of the loaded threads, in order. */
  listLoaded(): ThreadId[] {
    return this.#registry
      .all()
      .map(({ threadId }) => threadId)
      .sort();
  }

  /** Asks a loaded thread for something. @throws as `AgentThread.submit`. */
  submit(threadId: ThreadId, op: ThreadOp): Promise<string> {
    return this.#registry.get(threadId).submit(op);
  }

  /** Forgets a thread without shutting it down: whoever has it still may. Null when it is not loaded. */
  removeThread(threadId: ThreadId): AgentThread | null {
    const thread = this.#registry.remove(threadId);
    if (thread) this.#events.publish({ type: "closed", threadId: thread.threadId });
    return thread ?? null;
  }

  /** Sets metadata of a thread: of a loaded one in the order of what is recorded. @throws as `updateThreadMetadata`. */
  async updateMetadata(params: UpdateThreadMetadataParams): Promise<StoredThread> {
    const { threadId, patch, expectedRevision } = params;
    const loaded = await this.#registry.opened(threadId);
    if (!loaded) return this.#options.store.updateThreadMetadata(params);
    return loaded.updateMetadata(patch, expectedRevision === undefined ? {} : { expectedRevision });
  }

  /** Shuts all threads down, at the same time, and opens no more. Those that did not close are told, and stay loaded. */
  async shutdownAll({ maxMs = this.limits.shutdownMaxMs }: { readonly maxMs?: number } = {}): Promise<ShutdownReport> {
    this.#isClosed = true;
    const { clock = systemClock } = this.#options;
    const endMs = clock.nowMs() + maxMs;
    const leftMs = () => Math.max(0, endMs - clock.nowMs());
    await settledWithin(this.#registry.allOpened(), leftMs());
    const report = await shutdownThreads(this.#registry.all(), leftMs());
    await settledWithin(Promise.all(this.#notifications), leftMs());
    if (this.#registry.all().length === 0) this.#events.close();
    return report;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdownAll();
  }

  async #create(birth: Birth): Promise<AgentThread> {
    this.#mustBeOpen();
    const { threadId, spawn } = birth;
    const thread = await this.#registry.add(threadId, () => this.#factory.create(birth));
    const parent = spawn ? { parentThreadId: spawn.parentThreadId } : {};
    this.#events.publish({ type: "created", threadId, ...parent });
    return thread;
  }

  #startWith(responseItems: readonly ResponseItem[], params: StartThreadParams): Promise<AgentThread> {
    const { settings: _settings, ...rest } = params;
    const birth: Birth = {
      ...rest,
      threadId: this.#newId(params),
      settings: this.#settings(params),
      furnish: async (live) => live.recordItems(responseItems.map((payload) => ({ type: "response_item", payload }))),
    };
    return this.#create(birth);
  }

  async #resume(
    threadId: ThreadId,
    params: Exclude<ResumeThreadParams, { responseItems: unknown }>,
  ): Promise<AgentThread> {
    const { settings, includeArchived = false, takeOver = false, rolloutPath } = params;
    let isNew = false;
    const thread = await this.#registry.open(threadId, async () => {
      isNew = true;
      const path = rolloutPath === undefined ? {} : { rolloutPath };
      return this.#factory.resume(threadId, { includeArchived, takeOver, ...path, ...(settings ? { settings } : {}) });
    });
    if (isNew) this.#events.publish({ type: "resumed", threadId: thread.threadId });
    else if (thread.isClosing) throw new ThreadStoreError("conflict", `thread ${threadId} is closing`);
    else if (rolloutPath !== undefined) await this.#mustHavePath(thread, rolloutPath);
    return thread;
  }

  async #mustHavePath({ threadId, store }: AgentThread, rolloutPath: string): Promise<void> {
    const thread = await store.readThread({ threadId, includeArchived: true });
    if (thread.rolloutPath === rolloutPath) return;
    throw new ThreadStoreError(
      "invalid_request",
      `thread ${threadId} is already running with a different rollout path`,
    );
  }

  async #spawn(parent: AgentThread, params: SpawnChildParams): Promise<AgentThread> {
    const { taskName, nickname } = params;
    const now = parent.snapshot();
    const agentPath = taskName === undefined ? undefined : agentPathOf(now, taskName);
    const place = this.#trees.reserve(now, { nickname, agentPath });
    try {
      if (agentPath !== undefined) await this.#mustBeFreePath(parent, agentPath);
      return await this.#create(this.#childBirth(now, { ...params, ...place, agentPath: agentPath ?? null }));
    } finally {
      place.release();
    }
  }

  #childBirth(
    now: ThreadSnapshot,
    params: SpawnChildParams & SpawnPlace & { readonly agentPath: string | null },
  ): Birth {
    const { role = null, agentPath, depth, nickname } = params;
    const names = { agent_path: agentPath, agent_nickname: nickname, agent_role: role };
    const instructions = params.instructions ?? now.instructions;
    return {
      threadId: this.#newId({}),
      sessionId: now.sessionId,
      historyMode: now.historyMode,
      isEphemeral: now.isEphemeral,
      source: { subAgent: { thread_spawn: { parent_thread_id: now.threadId, depth, ...names } } },
      settings: { ...now.settings, ...params.settings },
      ...(instructions === undefined ? {} : { instructions }),
      ...(now.isEphemeral ? {} : { spawn: { parentThreadId: now.threadId } }),
    };
  }

  async #mustBeFreePath(parent: AgentThread, agentPath: string): Promise<void> {
    const { store } = parent;
    if (!store.capabilities.has("edges")) return;
    const { sessionId } = parent.snapshot();
    const stored = await store.findThreadSpawnByPath({ threadId: sessionId, recursive: true, agentPath });
    if (stored !== null) throw pathConflict(agentPath);
  }

  #identities(): ThreadIdentity[] {
    return this.#registry.all().map((thread) => thread.snapshot());
  }

  #tellParent(child: ThreadIdentity, end: TurnEnd): void {
    const parent = child.parentThreadId === undefined ? undefined : this.#registry.find(child.parentThreadId);
    if (!parent) return;
    // A parent that is closing meanwhile finds in its child what became of it.
    const told = parent.submit({ type: "injectItems", items: [childNotification(child, end)] }).catch(() => undefined);
    const notification = told.finally(() => this.#notifications.delete(notification));
    this.#notifications.add(notification);
  }

  #closed(thread: AgentThread): void {
    const { threadId } = thread;
    if (this.#registry.remove(threadId, thread)) this.#events.publish({ type: "closed", threadId });
  }

  #settings({ settings }: StartThreadParams) {
    return { ...this.#options.settings, ...settings };
  }

  #newId({ threadId }: { readonly threadId?: ThreadId }): ThreadId {
    const id = threadId ?? (this.#options.ids ?? systemIds).newId();
    return parseThreadId(id) ?? id;
  }

  #mustBeOpen(): void {
    if (this.#isClosed) throw new ThreadStoreError("unavailable", "the thread manager is shutting down");
  }
}

/** A fork belongs to nobody's tree, whatever its source was. */
function threadSourceOf({ source }: StoredThread): StoredThread["source"] {
  return typeof source === "object" && "subAgent" in source ? "exec" : source;
}

import { ManualClock } from "@threadstore/conformance";
import {
  type CreateThreadParams,
  isThreadStoreError,
  type ThreadMetadataPatch,
  type ThreadStore,
  type ThreadStoreErrorCode,
} from "@threadstore/core";
import type { FileSystem } from "../../src/file-system/file-system.js";
import { openSimulatedStore } from "../support/simulated-store.js";
import { METADATA, message } from "../support/written-home.js";
import {
  Acknowledgements,
  type AskedItem,
  beginFact,
  confirmAbsent,
  confirmDurable,
  confirmFact,
  confirmPresent,
  inheritedParts,
  itemsOf,
  type PendingChange,
  type ThreadAcknowledgements,
  type Version,
} from "./acknowledgements.js";
import {
  CHILD,
  compareLists,
  compareThreads,
  type Finding,
  lookAtThreads,
  type SeenThreads,
  type View,
} from "./check-threads.js";
import { CONVERSATION, judgeError } from "./judge-error.js";

export interface ScenarioRunOptions {
  readonly files: FileSystem;
  readonly acknowledged?: Acknowledgements;
  /** How often a fault has hit so far: whatever was hit may fail, and nothing else. */
  readonly faults?: () => number;
  /** Runs of one home must not give the same ids, nor the same time, twice. */
  readonly epoch?: number;
}

export interface AppendOptions {
  readonly key?: string;
}

/** The scenario cannot go on: what stopped it is among the findings. */
export class ScenarioStopped extends Error {}

/**
 * A small program over stores, which keeps a list of what they acknowledged. A call that a fault hits is made once more, as
 * a caller would; it must pass then.
 */
export class ScenarioRun {
  readonly findings: Finding[] = [];
  readonly acknowledged: Acknowledgements;
  readonly clock = new ManualClock();
  readonly #options: ScenarioRunOptions;
  readonly #stores = new Map<string, ThreadStore>();
  #storeName = "first";
  #ids = 0;

  constructor(options: ScenarioRunOptions) {
    this.#options = options;
    this.acknowledged = options.acknowledged ?? new Acknowledgements();
    this.clock.advance((options.epoch ?? 0) * 3_600_000);
  }

  get store(): ThreadStore {
    const found = this.#stores.get(this.#storeName);
    if (found) return found;
    const made = this.#openStore();
    this.#stores.set(this.#storeName, made);
    return made;
  }

  /** What follows is done by another store of the same home. */
  switchTo(name: string): void {
    this.#storeName = name;
  }

  async create(threadId: string, options: Partial<CreateThreadParams> = {}): Promise<void> {
    const { historyMode = "paginated", spawn } = options;
    const thread = this.acknowledged.beginThread(threadId, { historyMode });
    const parent = spawn && this.acknowledged.get(spawn.parentThreadId);
    if (parent) beginFact(parent, CHILD + threadId, "open");
    await this.#settle("createThread", () =>
      this.store.createThread({ threadId, metadata: METADATA, historyMode, ...options }),
    );
    thread.liveIn = this.#storeName;
  }

  /** Forks a thread after its first items; all of them by default. */
  async fork(threadId: string, from: string, itemCount = Number.POSITIVE_INFINITY): Promise<void> {
    const source = this.acknowledged.get(from);
    const inherited = inheritedParts(source.current, itemCount);
    const thread = this.acknowledged.beginThread(threadId, { historyMode: source.historyMode, inherited });
    const cut = Number.isFinite(itemCount) ? { endOrdinalExclusive: endOf(inherited) } : {};
    await this.#settle("createThread", () =>
      this.store.createThread({ threadId, metadata: METADATA, fork: { from, ...cut } }),
    );
    thread.liveIn = this.#storeName;
    confirmPresent(thread);
  }

  /** Appends items; when that fails, others in their place. With a key the same ones again: they may be there or not. */
  async append(threadId: string, texts: readonly string[], { key }: AppendOptions = {}): Promise<void> {
    const thread = this.acknowledged.get(threadId);
    let items = this.#beginItems(thread, texts);
    if (key !== undefined) thread.keyed.push({ key, items });
    const result = await this.#settle(
      "appendItems",
      async () => {
        const appended = items.map(({ text }) => message(text));
        return this.store.appendItems({
          threadId,
          items: appended,
          ...(key === undefined ? {} : { idempotencyKey: key }),
        });
      },
      () => {
        if (key !== undefined) return repeatLast(thread, items);
        for (const item of items) item.state = "refused";
        items = this.#beginItems(
          thread,
          texts.map((text) => `${text}'`),
        );
      },
    );
    for (const [at, item] of items.entries()) {
      item.state = "stored";
      item.ordinal = (result.firstOrdinal ?? 0) + at;
    }
    confirmPresent(thread);
  }

  /** Appends many items at once, each with its text as its key; for what is to be there before. */
  async appendTogether(threadId: string, keys: readonly string[]): Promise<void> {
    const thread = this.acknowledged.get(threadId);
    const items = this.#beginItems(thread, keys);
    const append = ({ text }: AskedItem, at: number) =>
      this.store.appendItems({ threadId, items: [message(text)], idempotencyKey: keys[at] as string });
    await Promise.all(items.map(append));
    for (const item of items) item.state = "stored";
    confirmPresent(thread);
  }

  /** A spawned thread is there, and its edge with it. */
  confirmSpawn(parentThreadId: string, childThreadId: string): void {
    confirmFact(this.acknowledged.get(parentThreadId), CHILD + childThreadId, "open");
  }

  /** Appends again what was appended with a key: it is known, and nothing is stored. */
  async repeat(threadId: string, key: string): Promise<void> {
    const known = this.acknowledged.get(threadId).keyed.find((append) => append.key === key);
    const items = (known?.items ?? []).map(({ text }) => message(text));
    const { repeated } = await this.#settle("repeated appendItems", () =>
      this.store.appendItems({ threadId, items, idempotencyKey: key }),
    );
    if (!repeated) this.#find("duplicated", `the key ${key} of thread ${threadId} is not known any more`);
  }

  async flush(threadId: string): Promise<void> {
    const thread = this.acknowledged.get(threadId);
    const items = itemsOf(thread.current).filter(({ state }) => state === "stored");
    await this.#settle("flushThread", () => this.store.flushThread(threadId));
    confirmDurable(thread, items);
  }

  async persist(threadId: string): Promise<void> {
    await this.#settle("persistThread", () => this.store.persistThread(threadId));
    confirmPresent(this.acknowledged.get(threadId));
  }

  async shutdown(threadId: string): Promise<void> {
    const thread = this.acknowledged.get(threadId);
    await this.#settle("shutdownThread", () => this.store.shutdownThread(threadId));
    thread.liveIn = null;
    this.#closeThread(thread);
    confirmDurable(thread, itemsOf(thread.current));
  }

  async discard(threadId: string): Promise<void> {
    const thread = this.acknowledged.get(threadId);
    await this.#settle("discardThread", () => this.store.discardThread(threadId));
    thread.liveIn = null;
    this.#closeThread(thread);
  }

  async resume(threadId: string, { takeOver = false }: { readonly takeOver?: boolean } = {}): Promise<void> {
    await this.#settle("resumeThread", () => this.store.resumeThread({ threadId, takeOver, includeArchived: true }));
    this.acknowledged.get(threadId).liveIn = this.#storeName;
  }

  /** Goes on after the first items; the others are no longer in the history. */
  async revert(threadId: string, itemCount: number): Promise<void> {
    const thread = this.acknowledged.get(threadId);
    const inherited = inheritedParts(thread.current, itemCount);
    const reverted: Version = { parts: [...inherited, []] };
    const before = thread.now;
    thread.now = [...before, reverted];
    thread.afterCut = [...thread.afterCut, reverted];
    thread.earlier.push(thread.current);
    const endOrdinalExclusive = endOf(inherited);
    await this.#settle("revertThread", () => this.store.revertThread({ threadId, endOrdinalExclusive }));
    thread.current = reverted;
    confirmPresent(thread);
  }

  /** Patches metadata. The facts of it that a reader sees are told beside it. */
  async update(threadId: string, patch: ThreadMetadataPatch, facts: Readonly<Record<string, unknown>>): Promise<void> {
    const thread = this.acknowledged.get(threadId);
    for (const [fact, value] of Object.entries(facts)) beginFact(thread, fact, value);
    await this.#settle("updateThreadMetadata", () =>
      this.store.updateThreadMetadata({ threadId, patch, includeArchived: true }),
    );
    for (const [fact, value] of Object.entries(facts)) confirmFact(thread, fact, value);
    confirmPresent(thread);
  }

  async setEdge(parentThreadId: string, childThreadId: string, status: "open" | "closed"): Promise<void> {
    const parent = this.acknowledged.get(parentThreadId);
    beginFact(parent, CHILD + childThreadId, status);
    await this.#settle("upsertThreadSpawnEdge", () =>
      this.store.upsertThreadSpawnEdge({ parentThreadId, childThreadId, status }),
    );
    confirmFact(parent, CHILD + childThreadId, status);
  }

  archive(threadId: string): Promise<void> {
    return this.#changeWhole(threadId, "archive");
  }

  unarchive(threadId: string): Promise<void> {
    return this.#changeWhole(threadId, "unarchive");
  }

  delete(threadId: string): Promise<void> {
    return this.#changeWhole(threadId, "delete");
  }

  /** A call that must be refused, whatever else happens. */
  async refused(code: ThreadStoreErrorCode, call: (store: ThreadStore) => Promise<unknown>): Promise<void> {
    const found = await this.#settle("a call to refuse", async () => {
      try {
        await call(this.store);
        return "no error";
      } catch (error) {
        if (isThreadStoreError(error, code)) return code;
        throw error;
      }
    });
    if (found !== code) this.#find("error", `a call that is ${code} was accepted`);
  }

  /** Items that a store was told to refuse; nobody may find them. */
  async refusedAppend(threadId: string, code: ThreadStoreErrorCode, text: string): Promise<void> {
    const [item] = this.#beginItems(this.acknowledged.get(threadId), [text]) as [AskedItem];
    item.state = "refused";
    await this.refused(code, (store) => store.appendItems({ threadId, items: [message(item.text)] }));
  }

  look(): Promise<SeenThreads> {
    return this.#settle("reading threads", () => lookAtThreads(this.store, this.acknowledged));
  }

  /** Compares what stores show with what they acknowledged; a store that is open, and a new one. */
  async check(view: View): Promise<SeenThreads> {
    const seen = await this.look();
    this.findings.push(...compareThreads(seen, this.acknowledged, view));
    this.findings.push(...(await this.#settle("listing threads", () => compareLists(this.store, seen))));
    return seen;
  }

  /** Closes all stores. Live threads are shut down by that. */
  async close(): Promise<void> {
    for (const [name, store] of this.#stores) {
      // A store that fails to close is closed all the same.
      try {
        await store[Symbol.asyncDispose]();
      } catch (error) {
        this.findings.push(...judgeError(error, { doing: "closing a store", wasHit: this.#faults() > 0 }));
      }
      for (const thread of this.acknowledged.threads.values()) {
        if (thread.liveIn !== name) continue;
        thread.liveIn = null;
        this.#closeThread(thread);
      }
    }
    this.#stores.clear();
    this.switchTo("first");
  }

  #beginItems(thread: ThreadAcknowledgements, texts: readonly string[]): AskedItem[] {
    const items = texts.map((text): AskedItem => ({ text: `${CONVERSATION}${text}`, state: "asked" }));
    thread.current.parts.at(-1)?.push(...items);
    return items;
  }

  /** A thread that nothing was written to is gone when it is closed. */
  #closeThread(thread: ThreadAcknowledgements): void {
    if (thread.now.includes(null)) confirmAbsent(thread);
  }

  async #changeWhole(threadId: string, change: PendingChange): Promise<void> {
    const thread = this.acknowledged.get(threadId);
    thread.pending = change;
    if (change === "delete") {
      // The last segment goes first: until all are gone, an earlier state of the thread may be found.
      thread.now = [...thread.now, ...thread.earlier, null];
      thread.afterCut = [...thread.afterCut, ...thread.earlier, null];
    } else beginFact(thread, "archived", change === "archive" ? true : undefined);
    await this.#settle(`${change} ${threadId.slice(-1)}`, async (attempt) => {
      try {
        await this.store[`${change}Thread`]({ threadId });
      } catch (error) {
        // The attempt before may have done all of it but told nobody: then there is nothing left to do.
        if ((attempt === 0 && !this.#options.acknowledged) || !isThreadStoreError(error, "thread_not_found"))
          throw error;
      }
    });
    thread.pending = null;
    if (change === "delete") confirmAbsent(thread);
    else confirmFact(thread, "archived", change === "archive" ? true : undefined);
  }

  /** Makes a call; once more when a fault hit it. @throws ScenarioStopped it failed without one, or again. */
  async #settle<T>(doing: string, call: (attempt: number) => Promise<T>, onFailure: () => void = () => {}): Promise<T> {
    this.clock.advance(1_000);
    for (let attempt = 0; ; attempt++) {
      const before = this.#faults();
      try {
        return await call(attempt);
      } catch (error) {
        const wasHit = this.#faults() > before;
        this.findings.push(...judgeError(error, { doing: `${doing}, attempt ${attempt}`, wasHit }));
        if (!wasHit) throw new ScenarioStopped(String(error), { cause: error });
        onFailure();
      }
    }
  }

  #find(kind: Finding["kind"], detail: string): void {
    this.findings.push({ kind, detail });
  }

  #faults(): number {
    return this.#options.faults?.() ?? 0;
  }

  #openStore(): ThreadStore {
    return openSimulatedStore({ files: this.#options.files, clock: this.clock, ids: { newId: () => this.#newId() } });
  }

  #newId(): string {
    const epoch = String(this.#options.epoch ?? 0).padStart(4, "0");
    return `01900000-0000-7000-9000-${epoch}${String(++this.#ids).padStart(8, "0")}`;
  }
}

/** Items that are given once more come after those that were given meanwhile. */
function repeatLast({ current }: ThreadAcknowledgements, items: readonly AskedItem[]): void {
  const part = current.parts.at(-1) ?? [];
  part.splice(0, part.length, ...part.filter((item) => !items.includes(item)), ...items);
}

/** The ordinal after the last of some items; that of the first item when there are none. */
function endOf(parts: Version["parts"]): number {
  return (parts.flat().at(-1)?.ordinal ?? 0) + 1;
}

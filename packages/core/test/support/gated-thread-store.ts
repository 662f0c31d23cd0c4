import type { MetadataFacts } from "../../src/fold/metadata.js";
import { summarizeThread } from "../../src/fold/summary.js";
import { openMemoryThreadStore } from "../../src/memory/memory-thread-store.js";
import type { Clock } from "../../src/protocol/clock.js";
import type { ThreadId } from "../../src/protocol/thread-id.js";
import { ThreadStoreError, type ThreadStoreErrorCode } from "../../src/store/errors.js";
import { mergePatches, type ThreadMetadataPatch } from "../../src/store/metadata-patch.js";
import type { UpdateThreadMetadataParams } from "../../src/store/params.js";
import type { StoredThread } from "../../src/store/records.js";
import type { ThreadStore } from "../../src/store/thread-store.js";

/** What happens to one call: it is made by `proceed`, now, later, or never. */
export type Interception = (proceed: () => Promise<unknown>) => Promise<unknown>;

/** One call that is held up until the test lets it go. */
export interface Gate {
  /** Resolves when the call has come. */
  readonly arrived: Promise<void>;
  /** Lets the call reach the store. */
  open(): void;
  /** Ends the call without it. */
  fail(code: ThreadStoreErrorCode): void;
}

type Operation = keyof ThreadStore & string;

type Method = (...args: unknown[]) => unknown;

/** Operations that answer at once or in pieces; no test holds these up. */
const PASSED_ON: ReadonlySet<string> = new Set<Operation>(["readHistory", "watchThreads", "supportsLegacyPath"]);

/**
 * A store that does not fold items: of a thread it tells what it was patched with. Calls are recorded, and single ones can
 * be held up, made to fail or robbed of their answer. The threads are those of a memory store.
 */
export class GatedThreadStore {
  /** The store to give to the code under test. */
  readonly store: ThreadStore;
  /** Every call by name, in order. */
  readonly calls: Operation[] = [];
  /** The patch of every call of updateThreadMetadata, in order; also of those that failed. */
  readonly patches: ThreadMetadataPatch[] = [];
  readonly clock: Clock;
  readonly #memory: ThreadStore;
  readonly #applied = new Map<ThreadId, ThreadMetadataPatch>();
  readonly #interceptions = new Map<Operation, Interception[]>();

  constructor(clock: Clock) {
    this.clock = clock;
    this.#memory = openMemoryThreadStore({ clock });
    this.store = new Proxy(this.#memory, { get: (_memory, name) => this.#member(name) });
  }

  /** Sets what happens to the next call of an operation that nothing was set for yet. */
  intercept(operation: Operation, interception: Interception): void {
    const queue = this.#interceptions.get(operation) ?? [];
    this.#interceptions.set(operation, [...queue, interception]);
  }

  /** Holds up the next metadata update. */
  holdUpdate(): Gate {
    const arrived = newSignal();
    const decided = newSignal();
    this.intercept("updateThreadMetadata", async (proceed) => {
      arrived.resolve();
      await decided.promise;
      return proceed();
    });
    return {
      arrived: arrived.promise,
      open: decided.resolve,
      fail: (code) => decided.reject(new ThreadStoreError(code, "the gate failed the call")),
    };
  }

  /** Makes the next metadata update fail. */
  failUpdate(code: ThreadStoreErrorCode): void {
    this.intercept("updateThreadMetadata", () => Promise.reject(new ThreadStoreError(code, "made to fail")));
  }

  /** Makes the next append reach the store and its caller hear of a failure. */
  loseAppendAnswer(): void {
    this.intercept("appendItems", async (proceed) => {
      await proceed();
      throw new ThreadStoreError("unavailable", "the answer was lost");
    });
  }

  /** Forgets what was recorded so far. */
  clearRecords(): void {
    this.calls.length = 0;
    this.patches.length = 0;
  }

  #member(name: string | symbol): unknown {
    if (name === "description") return { ...this.#memory.description, foldsItems: false };
    const member = Reflect.get(this.#memory, name);
    if (typeof member !== "function" || typeof name === "symbol") return member;
    if (PASSED_ON.has(name)) return member.bind(this.#memory);
    return (...args: unknown[]) => this.#call(name as Operation, member, args);
  }

  async #call(operation: Operation, member: Method, args: unknown[]): Promise<unknown> {
    this.calls.push(operation);
    if (operation === "updateThreadMetadata") this.patches.push((args[0] as UpdateThreadMetadataParams).patch);
    const proceed = async () => this.#answer(operation, await member.apply(this.#memory, args), args);
    const interception = this.#interceptions.get(operation)?.shift();
    return interception ? interception(proceed) : proceed();
  }

  #answer(operation: Operation, answer: unknown, args: unknown[]): unknown {
    if (operation === "readThread") return this.#unfolded(answer as StoredThread);
    if (operation !== "updateThreadMetadata") return answer;
    const { threadId, updatedAt } = answer as StoredThread;
    const { patch } = args[0] as UpdateThreadMetadataParams;
    this.#applied.set(threadId, { ...mergePatches(this.#applied.get(threadId) ?? {}, patch), updatedAt });
    return this.#unfolded(answer as StoredThread);
  }

  /** The thread without anything that its items or its birth told the memory store. */
  #unfolded({ threadId, historyMode, revision }: StoredThread): StoredThread {
    const patch = this.#applied.get(threadId) ?? {};
    const { createdAt } = patch;
    const meta = { historyMode, source: "unknown", ...(createdAt === undefined ? {} : { createdAt }) } as const;
    return summarizeThread({ threadId, facts: { meta } satisfies MetadataFacts, patch, revision });
  }
}

/** Lets everything run that waits for promises only. */
export async function settlePromises(): Promise<void> {
  for (let turns = 0; turns < 200; turns++) await null;
}

function newSignal() {
  let resolve = () => {};
  let reject = (_error: unknown) => {};
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  // A gate may be decided before anybody comes to it.
  promise.catch(() => {});
  return { promise, resolve, reject };
}

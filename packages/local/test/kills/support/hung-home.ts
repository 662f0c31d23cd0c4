import type { ThreadStore } from "@threadstore/core";
import { Child } from "../../support/child.js";
import { WrittenHome, writeThread } from "../../support/written-home.js";

const HOLDER = new URL("./holder.js", import.meta.url);

type HolderReport =
  | { readonly type: "holding"; readonly isLocked: boolean }
  | { readonly type: "acknowledged"; readonly text: string; readonly ordinal: number }
  | { readonly type: "refused"; readonly text: string; readonly code: string }
  | { readonly type: "over" };

export type Holder = Child<HolderReport>;

/** A home in which a process hangs that has locked something. */
export class HungHome extends WrittenHome {
  readonly #holders: Holder[] = [];

  /** A process that holds the lock of a file until it is told anything. */
  async lock(path: string, kind: "exclusive" | "shared" = "exclusive"): Promise<Holder> {
    return this.#start({ type: "lock", path, kind });
  }

  /** A process that has a thread open, and appends the texts that it is told. */
  async live(threadId: string): Promise<Holder> {
    return this.#start({ type: "live", threadId });
  }

  /** A process that appends without end. */
  async busy(threadId: string, name: string): Promise<Holder> {
    return this.#start({ type: "busy", threadId, name });
  }

  async #start(task: object): Promise<Holder> {
    const holder: Holder = new Child(HOLDER, [this.path, JSON.stringify(task)]);
    this.#holders.push(holder);
    const { isLocked } = await holder.report("holding");
    if (!isLocked) throw new Error(`somebody else holds what ${JSON.stringify(task)} is to lock`);
    return holder;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    for (const holder of this.#holders) await holder[Symbol.asyncDispose]();
    await super[Symbol.asyncDispose]();
  }
}

/** What became of a call, and how long it took. */
export interface Outcome {
  readonly code: string;
  readonly ms: number;
}

export async function outcomeOf(call: Promise<unknown>): Promise<Outcome> {
  const startMs = performance.now();
  const code = await call.then(
    () => "done",
    (error: { readonly code?: string }) => error.code ?? String(error),
  );
  return { code, ms: performance.now() - startMs };
}

/** What became of each of several calls that are made at once. */
export async function outcomesOf<Name extends string>(
  calls: Readonly<Record<Name, Promise<unknown>>>,
): Promise<{ readonly codes: Readonly<Record<Name, string>>; readonly longestMs: number }> {
  const entries = Object.entries<Promise<unknown>>(calls);
  const outcomes = await Promise.all(entries.map(async ([name, call]) => [name, await outcomeOf(call)] as const));
  return {
    codes: Object.fromEntries(outcomes.map(([name, { code }]) => [name, code])) as Record<Name, string>,
    longestMs: Math.max(...outcomes.map(([, { ms }]) => ms)),
  };
}

/** Threads of one message each, by their ids. */
export async function writeThreadsOf(store: ThreadStore, ids: readonly string[]): Promise<void> {
  for (const threadId of ids) await writeThread(store, { threadId });
}

/** Every way of reading a thread. */
export function readsOf(store: ThreadStore, threadId: string): Readonly<Record<string, Promise<unknown>>> {
  return {
    list: store.listThreads({ sources: "all" }),
    read: store.readThread({ threadId }),
    load: store.loadHistory({ threadId }),
    turns: store.listTurns({ threadId }),
  };
}

/** The texts of a thread's messages. */
export async function textsOf(store: ThreadStore, threadId: string): Promise<string[]> {
  const { items } = await store.loadHistory({ threadId, includeArchived: true });
  const messages = items.filter(({ item }) => item.type === "response_item");
  return messages.map(({ item }) => (item.payload as { content: [{ text: string }] }).content[0].text);
}

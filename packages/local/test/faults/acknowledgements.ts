import type { HistoryMode } from "@threadstore/core";

/** An item that was given to a store, and the best that is known of it. */
export interface AskedItem {
  readonly text: string;
  /** `asked`: no answer yet. `stored`: its append was acknowledged. `durable`: a flush after that was. */
  state: "asked" | "stored" | "durable" | "refused";
  ordinal?: number;
}

/** A history that a thread may have: its items, by the rollouts that they were written to. */
export interface Version {
  readonly parts: AskedItem[][];
}

export type PendingChange = "archive" | "unarchive" | "delete";

/** An append that had a key. */
interface KeyedAppend {
  readonly key: string;
  readonly items: readonly AskedItem[];
}

/** What a store has acknowledged of one thread. Plain data: a power cut looks at a copy of it. */
export interface ThreadAcknowledgements {
  readonly threadId: string;
  readonly historyMode: HistoryMode;
  /** The histories that a reader may find; null: that there is no such thread. */
  now: (Version | null)[];
  /** The histories that a reader may find after a power cut. */
  afterCut: (Version | null)[];
  /** The history that appends go to. */
  current: Version;
  /** What it had before it was reverted. */
  readonly earlier: Version[];
  /** Values that each fact may have: the acknowledged one, and those of changes without an answer. */
  readonly facts: Map<string, unknown[]>;
  readonly keyed: KeyedAppend[];
  /** The store that writes it. */
  liveIn: string | null;
  /** A change of the whole thread that was not acknowledged. */
  pending: PendingChange | null;
}

/** Everything that stores have acknowledged, by thread. */
export class Acknowledgements {
  readonly threads: Map<string, ThreadAcknowledgements>;

  constructor(threads: Map<string, ThreadAcknowledgements> = new Map()) {
    this.threads = threads;
  }

  copy(): Acknowledgements {
    return new Acknowledgements(structuredClone(this.threads));
  }

  get(threadId: string): ThreadAcknowledgements {
    const thread = this.threads.get(threadId);
    if (!thread) throw new Error(`the scenario has no thread ${threadId}`);
    return thread;
  }

  /** A thread is asked for; it may begin with items of another one. */
  beginThread(
    threadId: string,
    { historyMode, inherited = [] }: { historyMode: HistoryMode; inherited?: Version["parts"] },
  ): ThreadAcknowledgements {
    const current: Version = { parts: [...inherited, []] };
    const thread: ThreadAcknowledgements = {
      threadId,
      historyMode,
      now: [null, current],
      afterCut: [null, current],
      current,
      earlier: [],
      facts: new Map(),
      keyed: [],
      liveIn: null,
      pending: null,
    };
    this.threads.set(threadId, thread);
    return thread;
  }
}

/** Copies of the first items of a history: of one that goes on elsewhere, each copy is made durable by itself. */
export function inheritedParts({ parts }: Version, count: number): AskedItem[][] {
  let left = count;
  return parts.map((part) => {
    const stored = part.filter(({ state }) => state !== "refused");
    const taken = stored.slice(0, left);
    left -= taken.length;
    return taken.map((item) => ({ ...item }));
  });
}

export function itemsOf(version: Version): AskedItem[] {
  return version.parts.flat();
}

/** The thread is there, with its present history. */
export function confirmPresent(thread: ThreadAcknowledgements): void {
  thread.now = [thread.current];
}

/** Nothing of the thread is there. */
export function confirmAbsent(thread: ThreadAcknowledgements): void {
  thread.now = [null];
  thread.afterCut = [null];
}

/** A flush was acknowledged: everything that had been stored before survives a power cut. */
export function confirmDurable(thread: ThreadAcknowledgements, items: readonly AskedItem[]): void {
  for (const item of items) if (item.state === "stored") item.state = "durable";
  if (thread.now.includes(null)) return;
  thread.afterCut = [thread.current];
}

/** A change of a fact was asked for: it may have happened from now on. */
export function beginFact({ facts }: ThreadAcknowledgements, fact: string, value: unknown): void {
  facts.set(fact, [...(facts.get(fact) ?? [undefined]), value]);
}

export function confirmFact({ facts }: ThreadAcknowledgements, fact: string, value: unknown): void {
  facts.set(fact, [value]);
}

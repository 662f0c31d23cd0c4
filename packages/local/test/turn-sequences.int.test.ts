import * as fs from "node:fs";
import { join } from "node:path";
import type { HistoryMode, SortDirection, ThreadStore } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { THREAD_ID } from "./support/core-turn-histories.js";
import { LONG_ROLLOUT, LongLines, writeLongThread } from "./support/long-thread.js";
import { releaseHandles } from "./support/release-handles.js";
import { runs } from "./support/runs.js";
import { makeHome } from "./support/write-home.js";

// Turns that are added while somebody pages appear where the order puts them, and nothing else changes.
describe.each(["paginated", "legacy"] as const)("a sequence of pages of a growing %s thread", (historyMode) => {
  it.each(["turns", "items"] as const)(
    "of %s sees every one once, those that came meanwhile at its end or not at all",
    async (kind) => {
      const property = fc.asyncProperty(sequences(), (sequence) => takeSequence({ historyMode, kind }, sequence));
      await fc.assert(property, runs(40));
    },
  );
});

interface Step {
  /** How many turns are added before the page. */
  readonly added: number;
  readonly by: "store" | "stranger";
  readonly pageSize: number;
  readonly isReopened: boolean;
  readonly isForgotten: boolean;
}

interface Sequence {
  readonly turns: number;
  readonly direction: SortDirection;
  readonly steps: readonly Step[];
}

function sequences(): fc.Arbitrary<Sequence> {
  const step = fc.record({
    added: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat(3)),
    by: fc.constantFrom("store" as const, "stranger" as const),
    pageSize: fc.integer({ min: 1, max: 5 }),
    isReopened: fc.boolean(),
    isForgotten: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
  });
  return fc.record({
    turns: fc.nat(15),
    direction: fc.constantFrom("asc" as const, "desc" as const),
    steps: fc.array(step, { minLength: 1, maxLength: 6 }),
  });
}

interface Subject {
  readonly historyMode: HistoryMode;
  readonly kind: "turns" | "items";
}

async function takeSequence(subject: Subject, { turns, direction, steps }: Sequence): Promise<void> {
  const home = makeHome();
  const growing = new GrowingThread(home.path, subject.historyMode, turns);
  try {
    const seen: string[] = [];
    let before = turns;
    let cursor: string | null = null;
    for (let at = 0; at === 0 || cursor !== null; at++) {
      const step = steps[at % steps.length] as Step;
      // Otherwise a sequence that grows faster than it goes on would have no end.
      if (at < 2 * steps.length) await growing.add(step);
      if (at === 0) before = growing.turns;
      const page = await pageOf(growing.store, { ...subject, direction, pageSize: step.pageSize, cursor });
      expect(page.ids.length).toBe(page.nextCursor === null ? page.ids.length : step.pageSize);
      seen.push(...page.ids);
      cursor = page.nextCursor;
    }
    const all = idsOf(subject, direction === "asc" ? growing.turns : before);
    expect(seen).toEqual(direction === "asc" ? all : all.reverse());
  } finally {
    await growing.close();
    home.remove();
    await releaseHandles();
  }
}

/** A thread to which turns are added through a store and by somebody who only writes lines. */
class GrowingThread {
  store: ThreadStore;
  turns: number;
  readonly #home: string;
  readonly #historyMode: HistoryMode;

  constructor(home: string, historyMode: HistoryMode, turns: number) {
    this.#home = home;
    this.#historyMode = historyMode;
    this.turns = turns;
    writeLongThread(home, { historyMode, turns, turnBytes: 10 });
    this.store = openLocalThreadStore({ home });
  }

  async add({ added, by, isReopened, isForgotten }: Step): Promise<void> {
    if (isReopened) {
      await this.close();
      this.store = openLocalThreadStore({ home: this.#home });
    }
    if (isForgotten) fs.rmSync(join(this.#home, "threadstore/cache"), { recursive: true, force: true });
    if (added === 0) return;
    const lines = this.#nextTurns(added);
    if (by === "stranger") fs.appendFileSync(join(this.#home, LONG_ROLLOUT), lines);
    else await this.#append(lines);
    this.turns += added;
  }

  async close(): Promise<void> {
    await this.store[Symbol.asyncDispose]();
  }

  #nextTurns(count: number): string {
    const lines = new LongLines({ historyMode: this.#historyMode, turns: 0, turnBytes: 10 });
    lines.head();
    for (let at = 0; at < this.turns; at++) lines.turn(at);
    return Array.from({ length: count }, (_, at) => lines.turn(this.turns + at)).join("");
  }

  async #append(lines: string): Promise<void> {
    const texts = lines.trimEnd().split("\n");
    const items = texts.map((text) => {
      const { type, payload } = JSON.parse(text) as { type: string; payload: object };
      return { type, payload };
    });
    await this.store.resumeThread({ threadId: THREAD_ID });
    await this.store.appendItems({ threadId: THREAD_ID, items });
    await this.store.shutdownThread(THREAD_ID);
  }
}

interface Asking extends Subject {
  readonly direction: SortDirection;
  readonly pageSize: number;
  readonly cursor: string | null;
}

async function pageOf(store: ThreadStore, { kind, direction, pageSize, cursor }: Asking) {
  const params = { threadId: THREAD_ID, sortDirection: direction, pageSize, ...(cursor === null ? {} : { cursor }) };
  if (kind === "turns") {
    const { data, nextCursor } = await store.listTurns(params);
    return { ids: data.map(({ turnId }) => turnId), nextCursor };
  }
  const { data, nextCursor } = await store.listItems(params);
  return { ids: data.map(({ itemId }) => itemId), nextCursor };
}

function idsOf({ historyMode, kind }: Subject, turns: number): string[] {
  return Array.from({ length: turns }, (_, at) => {
    if (kind === "turns") return [`turn-${at}`];
    if (historyMode === "legacy") return [`item-${2 * at + 1}`, `item-${2 * at + 2}`];
    return [`UserMessage-turn-${at}`, `AgentMessage-turn-${at}`];
  }).flat();
}

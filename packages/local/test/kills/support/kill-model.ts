import { createHash } from "node:crypto";
import type { HistoryMode } from "@threadstore/core";

/** One append of a step: its texts, and the key that it is repeated with. */
export interface PlannedAppend {
  readonly key: string;
  readonly texts: readonly string[];
}

/** What a writer is told to do next. */
export type Step = { readonly at: number; readonly threadId: string } & (
  | { readonly type: "append"; readonly appends: readonly PlannedAppend[]; readonly isRetry: boolean }
  | { readonly type: "create"; readonly historyMode: HistoryMode }
  | { readonly type: "fork"; readonly from: string; readonly historyMode: HistoryMode }
  | { readonly type: "resume" | "shutdown" | "flush" | "archive" | "unarchive" }
  | { readonly type: "rename"; readonly name: string }
  | { readonly type: "remember"; readonly memoryMode: "enabled" | "disabled" }
);

export type WriterReport =
  | { readonly type: "read"; readonly threads: readonly ReadThread[] }
  | { readonly type: "begun" | "done"; readonly at: number }
  | { readonly type: "acknowledged"; readonly at: number; readonly append: number; readonly repeated: boolean }
  | { readonly type: "over" }
  | { readonly type: "failed"; readonly code: string; readonly error: string };

export interface ReadThread {
  readonly threadId: string;
  readonly isArchived: boolean;
  readonly name: string | null;
  readonly stamps: readonly string[];
  readonly isInOrder: boolean;
}

/** What must be true of a thread, and what may be, because whoever did it was killed before it could tell. */
export interface ModelThread {
  readonly threadId: string;
  readonly historyMode: HistoryMode;
  isStored: boolean;
  stamps: readonly string[];
  /** Appends that were begun and not acknowledged, in order. */
  pending: readonly PlannedAppend[];
  isArchived: boolean;
  name: string | null;
  /** What was begun, and may be there or not. */
  mayBe: { readonly isArchived?: boolean; readonly name?: string; readonly stamps?: readonly string[] };
}

export type Wrong = { readonly what: string; readonly threadId: string; readonly detail: unknown };

/** What a home must hold after everything that was acknowledged, and after a process was killed in the middle of a step. */
export class KillModel {
  readonly threads = new Map<string, ModelThread>();

  begin(step: Step): void {
    const thread = this.#threadOf(step);
    if (step.type === "append") thread.pending = step.appends;
    if (step.type === "fork") thread.mayBe = { stamps: this.threads.get(step.from)?.stamps ?? [] };
    if (step.type === "archive") thread.mayBe = { isArchived: true };
    if (step.type === "unarchive") thread.mayBe = { isArchived: false };
    if (step.type === "rename") thread.mayBe = { name: step.name };
  }

  /** Keeps an acknowledged append; returns the stamps of what is new. */
  acknowledge(step: Step & { readonly type: "append" }, repeated: boolean): readonly string[] {
    const thread = this.#threadOf(step);
    const [first, ...rest] = thread.pending;
    // Of an append that a kill cut short, the first items were found before it was repeated.
    const stamps = (first?.texts ?? []).map(stampOf).filter((stamp) => !thread.stamps.includes(stamp));
    thread.pending = rest;
    thread.isStored = true;
    if (!repeated) thread.stamps = [...thread.stamps, ...stamps];
    return repeated ? [] : stamps;
  }

  finish(step: Step): void {
    const thread = this.#threadOf(step);
    const { stamps, ...known } = thread.mayBe;
    Object.assign(thread, known, stamps ? { stamps, isStored: true } : {});
    thread.mayBe = {};
  }

  /** Compares what a fresh process read with what must be there; goes on from what is. */
  reconcile(read: readonly ReadThread[]): Wrong[] {
    const wrong: Wrong[] = [];
    const byId = new Map(read.map((thread) => [thread.threadId, thread]));
    if (byId.size !== read.length) wrong.push({ what: "listed twice", threadId: "", detail: read.length - byId.size });
    for (const { threadId } of read) {
      if (!this.threads.has(threadId)) wrong.push({ what: "invented", threadId, detail: null });
    }
    for (const thread of [...this.threads.values()]) {
      const found = byId.get(thread.threadId);
      if (found) wrong.push(...reconcileThread(thread, found));
      else if (thread.isStored) wrong.push({ what: "hidden", threadId: thread.threadId, detail: thread.stamps.length });
      else this.threads.delete(thread.threadId);
    }
    return wrong;
  }

  #threadOf(step: Step): ModelThread {
    const { threadId } = step;
    const known = this.threads.get(threadId);
    if (known) return known;
    const historyMode = "historyMode" in step ? step.historyMode : "paginated";
    const state = { isStored: false, stamps: [], pending: [], isArchived: false, name: null, mayBe: {} };
    const thread: ModelThread = { threadId, historyMode, ...state };
    this.threads.set(threadId, thread);
    return thread;
  }
}

function reconcileThread(thread: ModelThread, found: ReadThread): Wrong[] {
  const { threadId } = thread;
  const wrong: Wrong[] = [];
  const tell = (what: string, detail: unknown) => wrong.push({ what, threadId, detail });
  const { mayBe } = thread;
  const begun = thread.pending.flatMap(({ texts }) => texts.map(stampOf));
  // A fork appears with everything that it inherits, or not at all.
  const must = thread.isStored ? thread.stamps : (mayBe.stamps ?? thread.stamps);
  const lost = must.filter((stamp) => !found.stamps.includes(stamp));
  if (lost.length > 0) tell("lost", lost);
  if (new Set(found.stamps).size < found.stamps.length) tell("duplicated", found.stamps);
  const may = [...must, ...begun];
  const stray = found.stamps.findIndex((stamp, at) => stamp !== may[at]);
  if (lost.length === 0 && stray >= 0) tell("reordered", { at: stray, found: found.stamps[stray], must: may[stray] });
  if (!found.isInOrder) tell("ordinals", null);
  if (found.name !== thread.name && found.name !== mayBe.name) tell("name", [found.name, thread.name, mayBe.name]);
  if (found.isArchived !== thread.isArchived && found.isArchived !== mayBe.isArchived)
    tell("archived", found.isArchived);
  const { stamps, name, isArchived } = found;
  Object.assign(thread, { stamps, name, isArchived, isStored: true, mayBe: {} });
  return wrong;
}

/** What tells one message from another, as the processes report it: see report.js. */
function stampOf(text: string): string {
  return `${text.slice(0, text.indexOf("|"))} ${createHash("sha1").update(text).digest("hex").slice(0, 12)}`;
}

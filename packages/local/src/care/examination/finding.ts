import type { ThreadId } from "@threadstore/core";
import { FINDINGS, type FindingMeaning, type FindingType } from "./finding-table.js";

/** A place in a file. */
export interface FindingPlace {
  /** From 1, blank lines included; absent in files that have no lines. */
  readonly line?: number;
  /** Bytes from the beginning; for a compressed rollout that of its text, unless the finding is about the compression. */
  readonly offset: number;
}

/** Something about one file that its owner should know. Holds ids and places, never what was said in a thread. */
export interface HomeFinding extends Omit<FindingMeaning, "isMended"> {
  /** Relative to the home. */
  readonly path: string;
  readonly type: FindingType;
  readonly threadId?: ThreadId;
  /** How often it was found in this file. */
  readonly count: number;
  /** Where it was found first, ten places at most; empty when it is about the whole file. */
  readonly places: readonly FindingPlace[];
  /** What was found. */
  readonly explanation: string;
}

/** A finding of which it is not said yet in which file it is. */
export type FileFinding = Pick<HomeFinding, "type" | "count" | "places" | "explanation">;

/** A finding about a whole file. */
export function aboutFile(type: FindingType, explanation: string): FileFinding {
  return { type, count: 1, places: [], explanation };
}

export function findingIn(path: string, threadId: ThreadId | null | undefined, finding: FileFinding): HomeFinding {
  const { readers, codex, advice } = FINDINGS[finding.type];
  return { path, ...(threadId ? { threadId } : {}), ...finding, readers, codex, advice };
}

const PLACES_MAX = 10;

/** Collects the places of one kind of finding in a file. */
export class Places {
  readonly #first: FindingPlace[] = [];
  #count = 0;

  add(place: FindingPlace): void {
    this.#count++;
    if (this.#first.length < PLACES_MAX) this.#first.push(place);
  }

  addAll(places: readonly FindingPlace[]): void {
    for (const place of places) this.add(place);
  }

  get count(): number {
    return this.#count;
  }

  /** The finding; none when there is no place. */
  toFindings(type: FindingType, explain: (count: number) => string): FileFinding[] {
    if (this.#count === 0) return [];
    return [{ type, count: this.#count, places: [...this.#first], explanation: explain(this.#count) }];
  }
}

/** A number of things, as in `1 line` and `2 lines`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}

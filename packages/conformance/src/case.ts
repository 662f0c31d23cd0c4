import type { StoreCapability, StoreLimits, ThreadStore } from "@threadstore/core";
import type { StoreHarness } from "./harness.js";
import type { ManualClock } from "./manual-clock.js";
import type { RequirementId } from "./requirements.js";
import type { ThreadSketch } from "./sketch.js";

/** One proof of one requirement. */
export interface Case {
  readonly requirement: RequirementId;
  /** A fact, as a sentence. */
  readonly title: string;
  readonly needs?: readonly StoreCapability[];
  /** Whether the case itself writes; cases that only read run on read-only stores too. */
  readonly writes?: boolean;
  /** Limits the store is opened with. */
  readonly limits?: Partial<StoreLimits>;
  run(context: CaseContext): Promise<void>;
}

export interface Section {
  readonly title: string;
  readonly cases: readonly Case[];
}

/** What a case works with: a store of its own, and a clock that stands still until it is moved. */
export interface CaseContext {
  readonly store: ThreadStore;
  readonly harness: StoreHarness;
  readonly clock: ManualClock;
  /** The same threads through another store. */
  reopen(): Promise<ThreadStore>;
  /** Makes sure that the threads exist, written through the store or seeded behind its back. No writer stays open. */
  given(...sketches: ThreadSketch[]): Promise<void>;
}

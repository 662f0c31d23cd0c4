import { type IdSource, openMemoryThreadStore, type ThreadStore } from "@threadstore/core";
import { ManualClock } from "../../../core/test/support/manual-clock.js";
import { type Agent, ThreadManager, type ThreadManagerOptions, type UserInput } from "../../src/index.js";
import { InterceptedStore } from "./intercepted-store.js";

export const SETTINGS = { cwd: "/project", model: "fake-model", modelProvider: "fake", contextWindow: 1_000 } as const;

export const USAGE = {
  inputTokens: 100,
  cachedInputTokens: 20,
  outputTokens: 10,
  reasoningOutputTokens: 5,
  totalTokens: 110,
} as const;

/** A manager of threads over a store that can be held up, with a clock that stands still and ids in order. */
export interface Scene {
  readonly clock: ManualClock;
  readonly held: InterceptedStore;
  readonly store: ThreadStore;
  readonly manager: ThreadManager;
}

export interface SceneOptions extends Partial<Omit<ThreadManagerOptions, "clock" | "agent">> {
  readonly agent: Agent | Exclude<ThreadManagerOptions["agent"], Agent>;
  readonly clock?: ManualClock;
}

export function openScene({ clock = new ManualClock(), store, ...options }: SceneOptions): Scene {
  const held = new InterceptedStore(store ?? openMemoryThreadStore({ clock }));
  const manager = managerOver(held.store, { ...options, clock });
  return { clock, held, store: held.store, manager };
}

/** Another manager over a store, as another process has one. */
export function managerOver(store: ThreadStore, options: SceneOptions): ThreadManager {
  return new ThreadManager({
    settings: SETTINGS,
    originator: "test",
    version: "0",
    ids: countingIds(),
    ...options,
    store,
  });
}

let sources = 0;

/** Ids that are UUIDs, in order, and no one else's. */
function countingIds(): IdSource {
  sources += 1;
  const group = sources.toString(16).padStart(4, "0");
  let count = 0;
  return {
    newId: () => {
      count += 1;
      return `01900000-0000-7000-${group.replace(/^./, "a")}-${count.toString(16).padStart(12, "0")}`;
    },
  };
}

export function text(words: string): UserInput[] {
  return [{ type: "text", text: words }];
}

export function userTurn(words: string) {
  return { type: "userTurn", input: text(words) } as const;
}

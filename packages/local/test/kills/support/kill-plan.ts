import type { SeededRandom } from "../../support/seeded-random.js";
import { threadId } from "../../support/written-home.js";
import type { KillModel, PlannedAppend, Step } from "./kill-model.js";

const STEPS = 60;
const THREADS_MAX = 16;
/** A message of this length is several pages of memory: a killed write may stop between two of them. */
const LONG_CHARACTERS = 20_000;

type State = "live" | "closed" | "archived";
type Bare<S> = S extends Step ? Omit<S, "at"> : never;

/** Plans what one writer does until it is killed: first what the one before it was not told of, then anything. */
export class RoundPlan {
  readonly steps: Step[] = [];
  readonly #random: SeededRandom;
  readonly #round: number;
  readonly #states = new Map<string, State>();
  readonly #modes = new Map<string, "paginated" | "legacy">();
  #texts = 0;

  constructor(model: KillModel, random: SeededRandom, round: number) {
    this.#random = random;
    this.#round = round;
    for (const thread of model.threads.values()) {
      this.#states.set(thread.threadId, thread.isArchived ? "archived" : "closed");
      this.#modes.set(thread.threadId, thread.historyMode);
    }
    for (const { threadId: id, pending } of model.threads.values()) if (pending.length > 0) this.#retry(id, pending);
    while (this.steps.length < STEPS) this.#addAny();
  }

  #retry(id: string, appends: readonly PlannedAppend[]): void {
    if (this.#states.get(id) === "archived") this.#change(id, "unarchive", "closed");
    this.#change(id, "resume", "live");
    this.#add({ type: "append", threadId: id, appends, isRetry: true });
  }

  #addAny(): void {
    const live = this.#inState("live");
    const closed = this.#inState("closed");
    const archived = this.#inState("archived");
    const choice = this.#random.between(0, 99);
    const [writing, resting, stored] = [
      this.#random.pick(live),
      this.#random.pick(closed),
      this.#random.pick(archived),
    ];
    if (this.#states.size < 3 || (choice < 8 && this.#states.size < THREADS_MAX)) this.#create();
    else if (choice < 12 && resting && this.#states.size < THREADS_MAX) this.#fork(resting);
    else if (choice < 20 && resting && !isAlwaysActive(resting)) this.#change(resting, "archive", "archived");
    else if (choice < 26 && stored) this.#change(stored, "unarchive", "closed");
    else if (choice < 38 && resting) this.#change(resting, "resume", "live");
    else if (choice < 46 && writing) this.#change(writing, "shutdown", "closed");
    else if (choice < 56) this.#rename(resting ?? this.#writtenLive());
    else if (choice < 60 && resting) this.#remember(resting);
    else if (choice < 70 && writing) this.#add({ type: "flush", threadId: writing });
    else if (writing) this.#append(writing);
    else if (resting) this.#change(resting, "resume", "live");
  }

  #create(): void {
    const id = threadId(this.#round * 1_000 + this.#states.size);
    const historyMode = this.#random.isChance(0.3) ? "legacy" : "paginated";
    this.#modes.set(id, historyMode);
    this.#states.set(id, "live");
    this.#add({ type: "create", threadId: id, historyMode });
    // A thread without items leaves no trace, and everything else is done with threads that are there.
    this.#append(id);
  }

  #fork(from: string): void {
    const id = threadId(this.#round * 1_000 + this.#states.size);
    const historyMode = this.#modes.get(from) ?? "paginated";
    this.#modes.set(id, historyMode);
    this.#states.set(id, "live");
    this.#add({ type: "fork", threadId: id, from, historyMode });
  }

  #append(id: string): void {
    const count = this.#random.isChance(0.2) ? this.#random.between(2, 6) : 1;
    const appends = Array.from({ length: count }, () => this.#plannedAppend());
    this.#add({ type: "append", threadId: id, appends, isRetry: false });
  }

  #plannedAppend(): PlannedAppend {
    const texts = Array.from({ length: this.#random.between(1, 3) }, () => this.#text());
    return { key: `key-${texts[0]?.split("|")[0]}`, texts };
  }

  /** Its tag sorts after those of all messages before it. */
  #text(): string {
    const tag = `${String(this.#round).padStart(4, "0")}.${String(this.#texts++).padStart(4, "0")}`;
    const length = this.#random.isChance(0.1) ? LONG_CHARACTERS : this.#random.between(0, 80);
    return `${tag}|${'\n"é漢🙂\\'.repeat(Math.ceil(length / 6))}`;
  }

  #rename(id: string | undefined): void {
    if (id === undefined) return;
    const number = this.#round * 1_000 + this.steps.length;
    this.#add({ type: "rename", threadId: id, name: `name-${number}` });
  }

  #remember(id: string): void {
    const memoryMode = this.#random.isChance(0.5) ? "enabled" : "disabled";
    this.#add({ type: "remember", threadId: id, memoryMode });
  }

  #writtenLive(): string | undefined {
    return this.#random.pick(this.#inState("live"));
  }

  #change(id: string, type: "resume" | "shutdown" | "archive" | "unarchive", state: State): void {
    this.#add({ type, threadId: id });
    this.#states.set(id, state);
  }

  #inState(wanted: State): string[] {
    return [...this.#states].filter(([, state]) => state === wanted).map(([id]) => id);
  }

  #add(step: Bare<Step>): void {
    this.steps.push({ at: this.steps.length, ...step } as Step);
  }
}

/** Some threads are never archived, so that every list of active threads must show them. */
export function isAlwaysActive(id: string): boolean {
  return Number(id.slice(-1)) % 2 === 0;
}

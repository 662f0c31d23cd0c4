import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Child } from "../support/child.js";
import { isLong } from "../support/runs.js";
import { SEED, SeededRandom } from "../support/seeded-random.js";
import { Tally } from "../support/tally.js";
import { makeHome } from "../support/write-home.js";
import { heldLocks } from "./support/held-locks.js";
import { KillModel, type Step, type WriterReport, type Wrong } from "./support/kill-model.js";
import { isAlwaysActive, RoundPlan } from "./support/kill-plan.js";

const WRITER = new URL("./support/writer.js", import.meta.url);
const READER = new URL("./support/reader.js", import.meta.url);
const ROUNDS_PER_HOME = isLong ? 25 : 10;
const HOMES = isLong ? 40 : 1;
const READERS = 2;
const KILL_DELAY_MAX_MS = 3;
/** Calls to the file system that a plan takes, about. */
const CRASH_CALLS = 500;
const REPORTS_MAX = 150;

type ReaderReport =
  | { readonly type: "ready" }
  | ({ readonly type: "wrong" } & Wrong)
  | { readonly type: "counts"; readonly reads: number; readonly lists: number; readonly retries: number };

const COUNTED = [
  "rounds",
  "acknowledgements",
  "lost",
  "duplicated",
  "reordered",
  "hidden",
  "hidden for a moment",
  "otherwise wrong",
  "homes read",
  "items found without acknowledgement",
  "repeats",
  "locks held",
  "reads meanwhile",
  "lists meanwhile",
  "reads tried again",
] as const;
type Kind = (typeof COUNTED)[number];

const tally = new Tally<Kind>("kills", COUNTED);

let home: ReturnType<typeof makeHome>;
let children: Child<never>[];

beforeEach(() => {
  home = makeHome();
  children = [];
});

afterEach(async () => {
  for (const child of children) await child[Symbol.asyncDispose]();
  home.remove();
});

describe("writers that are killed at any moment", () => {
  const homes = Array.from({ length: HOMES }, (_, at) => at);
  it.each(homes)("lose, double, reorder and hide nothing that they were told is stored (home %i)", async (at) => {
    const rounds = new KillRounds(home.path, SEED + at);
    await rounds.start();
    for (let round = 1; round <= ROUNDS_PER_HOME; round++) await rounds.run(round);
    await rounds.finish();
    expect(rounds.wrong).toEqual([]);
  });
});

interface KilledWriter {
  readonly writer: Child<WriterReport>;
  readonly isDying: boolean;
}

/** Rounds on one home: a fresh writer reads everything, goes on, and is killed, while readers read. */
class KillRounds {
  readonly wrong: Wrong[] = [];
  readonly #home: string;
  readonly #random: SeededRandom;
  readonly #model = new KillModel();
  readonly #told = new Set<string>();
  #readers: Child<ReaderReport>[] = [];
  #next: KilledWriter;
  #steps: readonly Step[] = [];
  #reportsLeft = 0;

  constructor(path: string, seed: number) {
    this.#home = path;
    this.#random = new SeededRandom(seed);
    this.#next = this.#startWriter();
  }

  async start(): Promise<void> {
    const start = () => new Child<ReaderReport>(READER, [this.#home], (report) => this.#hearReader(report));
    this.#readers = Array.from({ length: READERS }, start);
    children.push(...(this.#readers as unknown as Child<never>[]));
    await Promise.all(this.#readers.map((reader) => reader.report("ready")));
  }

  async run(round: number): Promise<void> {
    const { writer, isDying } = this.#next;
    // The next process starts while this one works.
    this.#next = this.#startWriter();
    writer.send({ type: "go" });
    this.#reportsLeft = isDying ? Number.POSITIVE_INFINITY : this.#random.between(1, REPORTS_MAX);
    const isEarly = this.#random.isChance(0.1);
    if (!isEarly) await this.#readAndGoOn(writer, round);
    else setTimeout(() => writer.signal("SIGKILL"), this.#random.fraction() * 20);
    await writer.ended();
    tally.add("rounds");
    this.#tellLocks();
  }

  async finish(): Promise<void> {
    await this.#next.writer.kill();
    const { writer } = this.#startWriter({ isDying: false });
    writer.send({ type: "go" });
    await this.#reconcile(writer);
    await writer.kill();
    for (const reader of this.#readers) {
      reader.send({ type: "end" });
      const { reads, lists, retries } = await reader.report("counts");
      tally.add("reads meanwhile", reads);
      tally.add("lists meanwhile", lists);
      tally.add("reads tried again", retries);
      await reader.ended();
    }
  }

  async #readAndGoOn(writer: Child<WriterReport>, round: number): Promise<void> {
    if (!(await this.#reconcile(writer))) return;
    this.#steps = new RoundPlan(this.#model, this.#random, round).steps;
    writer.send({ type: "plan", plan: this.#steps });
  }

  /** Compares what a fresh process reads with what it must; false when it dies before it has. */
  async #reconcile(writer: Child<WriterReport>): Promise<boolean> {
    const read = await writer.reportUnlessEnded("read");
    if (!read) return false;
    tally.add("homes read");
    const before = new Map([...this.#model.threads].map(([id, { stamps }]) => [id, stamps.length]));
    this.#tell(this.#model.reconcile(read.threads));
    for (const { threadId, stamps } of this.#model.threads.values()) {
      // What somebody read is there, whether or not its writer lived to be told.
      const found = stamps.slice(before.get(threadId) ?? 0);
      if (found.length > 0) this.#toReaders(threadId, { stamps: found });
      tally.add("items found without acknowledgement", found.length);
    }
    return true;
  }

  /** Half of the writers are killed from here; the others die at one of their own calls to the file system. */
  #startWriter({ isDying = this.#random.isChance(0.5) } = {}): KilledWriter {
    const durability = this.#random.isChance(0.3) ? "disk" : "os";
    const when = this.#random.pick(["before", "after", "torn"]);
    const call = this.#random.between(1, CRASH_CALLS);
    const crash = { call, when, fraction: this.#random.fraction() };
    const args = [this.#home, durability, JSON.stringify(isDying ? crash : null)];
    const writer = new Child<WriterReport>(WRITER, args, (report) => this.#hear(report, writer));
    children.push(writer as unknown as Child<never>);
    return { writer, isDying };
  }

  #hear(report: WriterReport, child: Child<WriterReport>): void {
    if (report.type === "read") return;
    if (report.type === "failed") {
      const what = report.code === "thread_not_found" ? "hidden for a moment" : "failed";
      this.#tell([{ what, threadId: "", detail: report.error }]);
    }
    if ("at" in report) this.#hearStep(report, this.#steps[report.at] as Step);
    if (report.type === "over" || report.type === "failed" || --this.#reportsLeft === 0) this.#killSoon(child);
  }

  #hearStep(report: WriterReport & { readonly at: number }, step: Step): void {
    if (report.type === "begun") this.#model.begin(step);
    if (report.type === "acknowledged" && step.type === "append") {
      tally.add("acknowledgements");
      if (report.repeated) tally.add("repeats");
      this.#toReaders(step.threadId, { stamps: this.#model.acknowledge(step, report.repeated) });
    }
    if (report.type !== "done") return;
    tally.add("acknowledgements");
    this.#model.finish(step);
    if (step.type === "fork")
      this.#toReaders(step.threadId, { stamps: this.#model.threads.get(step.threadId)?.stamps });
    if (step.type === "rename") this.#toReaders(step.threadId, { name: Number(step.name.slice("name-".length)) });
  }

  #killSoon(child: Child<WriterReport>): void {
    const delayMs = this.#random.isChance(0.3) ? 0 : this.#random.fraction() * KILL_DELAY_MAX_MS;
    const endMs = performance.now() + delayMs;
    // Timers count whole milliseconds; a step takes less.
    while (performance.now() < endMs);
    child.signal("SIGKILL");
  }

  #toReaders(
    threadId: string,
    told: { readonly stamps?: readonly string[] | undefined; readonly name?: number },
  ): void {
    const message = { type: "acknowledged", threadId, isAlwaysActive: isAlwaysActive(threadId), ...told };
    for (const reader of this.#readers) reader.send(message);
  }

  #hearReader(report: ReaderReport): void {
    if (report.type === "wrong") this.#tell([report]);
  }

  #tellLocks(): void {
    const held = heldLocks(this.#home);
    tally.add("locks held", held.length);
    this.#tell(held.map((path) => ({ what: "locked", threadId: "", detail: path })));
  }

  #tell(wrong: readonly Wrong[]): void {
    for (const one of wrong) {
      const kind = KINDS.get(one.what) ?? "otherwise wrong";
      // Whatever stays wrong is seen by every read from then on.
      const name = `${kind} ${one.threadId} ${JSON.stringify(one.detail)}`;
      if (this.#told.has(name)) continue;
      this.#told.add(name);
      tally.add(kind);
      this.wrong.push(one);
    }
  }
}

/** How the suite's line calls what went wrong. */
const KINDS: ReadonlyMap<string, Kind> = new Map([
  ["lost", "lost"],
  ["missing", "lost"],
  ["duplicated", "duplicated"],
  ["reordered", "reordered"],
  ["hidden", "hidden"],
  ["hidden for a moment", "hidden for a moment"],
]);

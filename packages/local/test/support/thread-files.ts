import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { type HistoryMode, instantFromMs, type RolloutItem } from "@threadstore/core";
import type { FoldedItem } from "@threadstore/core/driver";
import fc from "fast-check";
import { THREAD_ID, turnHistories } from "./core-turn-histories.js";
import { parseRollouts, type RolloutBytes } from "./parse-rollout.js";
import { type LineWriter, lineWriters, type WriterOptions } from "./rollout-lines.js";
import { contentOfFrame, zstdFrame } from "./zstd-frame.js";

const SOURCE_ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f709";
const BEGIN_MS = Date.UTC(2026, 10, 20);
/** Ordinals from here on are none that others follow. */
const STRAY_ORDINAL = 2 ** 30;
const FOLDER = "sessions/2026/11/20";

/** Lines that are to be written, at ordinals counted from the first of them. */
export interface LinePlan {
  readonly items: readonly FoldedItem[];
  readonly writers: readonly LineWriter[];
  /** Put before the ids of turns; without it they meet those of other plans. */
  readonly prefix: string;
  /** Whether no two turns have items of one id: at equal ordinals nothing could tell those apart. */
  readonly hasOwnIds: boolean;
}

/** One rollout of a history. */
interface RolloutPlan {
  readonly lines: LinePlan;
  readonly isCompressed: boolean;
  /** Where the next rollout cuts it, as a number to be brought into its range. */
  readonly cut: number;
  readonly hasByteOffset: boolean;
  /** What its session_meta says beside the usual. */
  readonly head: "plain" | "attached" | "subagent" | "subagentLater";
}

/** A thread and the rollouts that it inherits from. */
export interface ThreadPlan {
  readonly historyMode: HistoryMode;
  readonly rollouts: readonly RolloutPlan[];
  /** How many of the rollouts are another thread's. */
  readonly foreign: number;
}

export interface PlanOptions extends WriterOptions {
  readonly maxLength?: number;
}

export function linePlans(
  historyMode: HistoryMode,
  { maxLength = 40, ...options }: PlanOptions,
): fc.Arbitrary<LinePlan> {
  return turnHistories(historyMode, maxLength).chain((items) =>
    fc.record({
      items: fc.constant(items),
      writers: fc.array(lineWriters(options), { minLength: items.length, maxLength: items.length }),
      prefix: fc.constantFrom("", "", "p", "q", "r"),
      hasOwnIds: fc.constant(options.isStray === true),
    }),
  );
}

/** Threads of either kind: of one rollout, of segments, forked, attached, of sub-agents, compressed. */
export function threadPlans(historyMode: HistoryMode, options: PlanOptions): fc.Arbitrary<ThreadPlan> {
  const rollout = fc.record({
    lines: linePlans(historyMode, options),
    isCompressed: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
    cut: fc.nat(1_000),
    // A byte offset says that nothing before the cut follows it.
    hasByteOffset: options.isStray ? fc.constant(false) : fc.boolean(),
    head: fc.oneof(
      { weight: 5, arbitrary: fc.constant("plain" as const) },
      fc.constantFrom("attached" as const, "subagent" as const, "subagentLater" as const),
    ),
  });
  // A fork of a legacy thread is a copy.
  const maxLength = historyMode === "legacy" ? 1 : 3;
  return fc.array(rollout, { minLength: 1, maxLength }).chain((rollouts) =>
    fc.record({
      historyMode: fc.constant(historyMode),
      rollouts: fc.constant(rollouts),
      foreign: fc.nat(rollouts.length - 1),
    }),
  );
}

/** Which rollout of a history, of which kind. */
interface Segment {
  readonly historyMode: HistoryMode;
  readonly at: number;
}

interface WrittenRollout {
  /** Without the suffix of a compressed one. */
  readonly path: string;
  readonly endOrdinalExclusive: number | null;
}

/** The rollouts of a planned thread in a home. */
export class ThreadFiles {
  readonly threadId = THREAD_ID;
  readonly historyMode: HistoryMode;
  readonly #home: string;
  readonly #rollouts: readonly WrittenRollout[];

  constructor(home: string, plan: ThreadPlan) {
    this.#home = home;
    this.historyMode = plan.historyMode;
    this.#rollouts = writeThread(home, plan);
  }

  /** The history as it lies in the files now. */
  history(): FoldedItem[] {
    const rollouts = this.#rollouts.map(({ path, endOrdinalExclusive }): RolloutBytes => {
      return { bytes: readPlain(this.#home, path), historyMode: this.historyMode, endOrdinalExclusive };
    });
    return parseRollouts(rollouts);
  }

  /** The ordinal that comes next. */
  get nextOrdinal(): number {
    return this.nextOrdinalOf(this.bytes());
  }

  nextOrdinalOf(bytes: Buffer): number {
    const rollout = { bytes, historyMode: this.historyMode, endOrdinalExclusive: null };
    const ordinals = parseRollouts([rollout]).map(({ ordinal }) => ordinal);
    return Math.max(-1, ...ordinals.filter((ordinal) => ordinal < STRAY_ORDINAL)) + 1;
  }

  get #segment(): Segment {
    return { historyMode: this.historyMode, at: this.#rollouts.length - 1 };
  }

  /** What the last rollout holds. */
  bytes(): Buffer {
    return readPlain(this.#home, this.path());
  }

  /** The paths of the rollouts, oldest first. */
  paths(): string[] {
    return this.#rollouts.map(({ path }) => (fs.existsSync(join(this.#home, path)) ? path : `${path}.zst`));
  }

  path(): string {
    return this.#rollouts.at(-1)?.path as string;
  }

  /** Appends bytes as somebody who knows nothing of a store. */
  append(bytes: Buffer): void {
    this.#appendTo(this.path(), bytes);
  }

  /** Appends lines to a rollout that others inherit from, at ordinals from some before its end on. */
  appendToBase(base: number, lines: LinePlan, { back, torn }: { readonly back: number; readonly torn: number }): void {
    const path = this.#baseAt(base);
    if (path === null) return;
    const next = this.nextOrdinalOf(readPlain(this.#home, path));
    const segment = { historyMode: this.historyMode, at: this.#rollouts.findIndex((rollout) => rollout.path === path) };
    const bytes = Buffer.concat(linesOf(lines, segment, Math.max(0, next - back)).map((line) => line.bytes));
    this.#appendTo(path, bytes.subarray(0, Math.max(0, bytes.length - torn)));
  }

  /** Compresses a rollout that others inherit from, or gives it another time when it is compressed. */
  touchBase(base: number): void {
    const path = this.#baseAt(base);
    if (path === null) return;
    const plain = join(this.#home, path);
    fs.writeFileSync(`${plain}.zst`, zstdFrame(readPlain(this.#home, path)));
    fs.rmSync(plain, { force: true });
  }

  #baseAt(base: number): string | null {
    const bases = this.#rollouts.slice(0, -1);
    return bases[base % Math.max(bases.length, 1)]?.path ?? null;
  }

  #appendTo(path: string, bytes: Buffer): void {
    const plain = join(this.#home, path);
    if (fs.existsSync(plain)) fs.appendFileSync(plain, bytes);
    else fs.writeFileSync(`${plain}.zst`, zstdFrame(Buffer.concat([readPlain(this.#home, path), bytes])));
  }

  /** The items of a plan, at the ordinals that come next. */
  nextItems(plan: LinePlan): RolloutItem[] {
    const { nextOrdinal } = this;
    const { items } = plan;
    return items.map(({ item, ordinal }) => {
      return moved(withUsualMeta(item, this.#segment), { firstOrdinal: nextOrdinal, ordinal, plan });
    });
  }

  /** The lines of a plan, at the ordinals that come next. */
  nextLines(lines: LinePlan): Buffer {
    return Buffer.concat(linesOf(lines, this.#segment, this.nextOrdinal).map(({ bytes }) => bytes));
  }
}

function readPlain(home: string, path: string): Buffer {
  const plain = join(home, path);
  return fs.existsSync(plain) ? fs.readFileSync(plain) : contentOfFrame(fs.readFileSync(`${plain}.zst`));
}

function writeThread(home: string, { historyMode, rollouts, foreign }: ThreadPlan): WrittenRollout[] {
  const written: WrittenRollout[] = [];
  let base: Readonly<Record<string, unknown>> | undefined;
  let headOrdinal = 0;
  for (const [at, plan] of rollouts.entries()) {
    const threadId = at < foreign ? SOURCE_ID : THREAD_ID;
    const isFirst = at === 0 || at === foreign;
    const rolloutId = isFirst ? threadId : `0199a3c4-5d6e-7f80-91a2-${String(at).padStart(12, "0")}`;
    const name = `rollout-2026-11-20T00-00-0${at}-${isFirst ? threadId : `${threadId}_${rolloutId}`}.jsonl`;
    const head = {
      ...headOf({ threadId, historyMode, at, headOrdinal }, plan.head),
      ...(base ? { history_base: base } : {}),
    };
    const record = { timestamp: timeOf(headOrdinal), ordinal: headOrdinal, type: "session_meta", payload: head };
    const lines = [
      {
        ordinal: headOrdinal,
        bytes: Buffer.from(
          `${JSON.stringify(historyMode === "legacy" ? { ...record, ordinal: undefined } : record)}\n`,
        ),
      },
      ...linesOf(plan.lines, { historyMode, at }, headOrdinal + 1),
    ];
    const bytes = Buffer.concat(lines.map((line) => line.bytes));
    const path = `${FOLDER}/${name}`;
    fs.mkdirSync(dirname(join(home, path)), { recursive: true });
    fs.writeFileSync(
      join(home, plan.isCompressed ? `${path}.zst` : path),
      plan.isCompressed ? zstdFrame(bytes) : bytes,
    );
    const last = lines.at(-1)?.ordinal ?? headOrdinal;
    const cut = cutOf(plan.cut, { headOrdinal, last });
    const before = lines.filter(({ ordinal }) => ordinal < cut).map((line) => line.bytes);
    written.push({ path, endOrdinalExclusive: at === rollouts.length - 1 ? null : cut });
    const offset = plan.hasByteOffset ? { end_byte_offset: Buffer.concat(before).length } : {};
    base = { thread_id: rolloutId, end_ordinal_exclusive: cut, ...offset };
    headOrdinal = cut;
  }
  return withEarlierCuts(written);
}

/** Nearly always behind the head of what is cut; else in what that inherits. */
function cutOf(cut: number, { headOrdinal, last }: { readonly headOrdinal: number; readonly last: number }): number {
  return cut % 10 === 0 ? 1 + (cut % (last + 1)) : headOrdinal + 1 + (cut % (last - headOrdinal + 1));
}

/** A cut inside an inherited rollout ends that one, too. */
function withEarlierCuts(rollouts: readonly WrittenRollout[]): WrittenRollout[] {
  let end = Number.POSITIVE_INFINITY;
  const cut = rollouts.toReversed().map((rollout) => {
    end = Math.min(end, rollout.endOrdinalExclusive ?? Number.POSITIVE_INFINITY);
    return { ...rollout, endOrdinalExclusive: rollout.endOrdinalExclusive === null ? null : end };
  });
  return cut.reverse();
}

function headOf(
  {
    threadId,
    historyMode,
    at,
    headOrdinal,
  }: { threadId: string; historyMode: HistoryMode; at: number; headOrdinal: number },
  head: RolloutPlan["head"],
) {
  const usual = usualMeta(threadId, { historyMode, at });
  if (head === "attached") return { ...usual, attached_thread: true, forked_from_ordinal_exclusive: headOrdinal };
  if (head === "subagent") return { ...usual, subagent_history_start_ordinal: headOrdinal };
  if (head === "subagentLater") return { ...usual, subagent_history_start_ordinal: headOrdinal + 1 };
  return usual;
}

function usualMeta(id: string, { historyMode, at }: Segment) {
  const origin = { originator: "test", cli_version: "1.0.0", source: "vscode", model_provider: "p" };
  return { id, timestamp: timeOf(at), cwd: "/project", ...origin, history_mode: historyMode };
}

function linesOf(plan: LinePlan, segment: Segment, firstOrdinal: number) {
  const { items, writers } = plan;
  return items.map(({ item, ordinal: at }, index) => {
    const ordinal = firstOrdinal + at;
    const { type, payload } = moved(withUsualMeta(item, segment), { firstOrdinal, ordinal, plan });
    const numbered = segment.historyMode === "legacy" ? {} : { ordinal };
    const writer = writers[index] as LineWriter;
    return {
      ordinal,
      bytes: Buffer.from(writer({ timestamp: timeOf(ordinal), ...numbered, type, payload }) as string),
    };
  });
}

/** Whoever records a session_meta again tells all that the first one of that segment told. */
function withUsualMeta(item: RolloutItem, segment: Segment): RolloutItem {
  if (item.type !== "session_meta") return item;
  return { ...item, payload: { ...usualMeta(THREAD_ID, segment), ...(item.payload as object) } };
}

interface Moving {
  readonly firstOrdinal: number;
  readonly ordinal: number;
  readonly plan: LinePlan;
}

/** An item at other ordinals, of other turns. */
function moved(item: RolloutItem, { firstOrdinal, ordinal, plan }: Moving): RolloutItem {
  const text = JSON.stringify(item)
    .replaceAll('"turn-', `"${plan.prefix}turn-`)
    .replace(
      /(_ordinal(?:_exclusive)?":)(\d+)/g,
      (_, name: string, at: string) => `${name}${Number(at) + firstOrdinal}`,
    );
  const all = JSON.parse(text) as RolloutItem;
  const { turn_id: turnId = ordinal, item: of } = (all.payload ?? {}) as { turn_id?: string; item?: { id: string } };
  return plan.hasOwnIds && of
    ? { ...all, payload: { ...(all.payload as object), item: { ...of, id: `${of.id}-${turnId}` } } }
    : all;
}

function timeOf(ordinal: number): string {
  return instantFromMs(BEGIN_MS + ordinal * 1_000);
}

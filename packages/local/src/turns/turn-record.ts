import { type HistoryMode, type Instant, parseInstant, type RolloutItem } from "@threadstore/core";
import { TURN_EVENTS, TURN_KINDS } from "@threadstore/core/driver";
import { compileWanted, scanNestedRest, type Wanted, type WantedMembers } from "../rollout/json-scan.js";
import { readRecord } from "../rollout/line-item.js";
import {
  type LineKind,
  ordinalAt,
  type PeekedParts,
  type PeekNames,
  peekLine,
  peekNames,
  TIMESTAMP_START,
} from "../rollout/line-peek.js";
import type { LineBytes } from "../rollout/line-reader.js";

/** A record as far as the turns of a history ask for it. */
export interface TurnRecord {
  /** Null when the line does not say it, or says no instant. */
  readonly timestamp: Instant | null;
  readonly ordinal: number | undefined;
  readonly item: RolloutItem;
}

/** The type of the response items that hooks' prompts are written as. */
const MESSAGE = "message";

/** The lines that the turns of a history are made of. */
const NAMES: Readonly<Record<HistoryMode, PeekNames>> = {
  paginated: peekNames(TURN_KINDS.paginated, TURN_EVENTS.paginated),
  legacy: peekNames(TURN_KINDS.legacy, TURN_EVENTS.legacy, [MESSAGE]),
};

const TIMES = { started_at: "value", completed_at: "value", duration_ms: "value" } as const;
const TOOL = { call_id: "value", turn_id: "repeated" } as const;

/**
 * What decides, of the events that most lines are, which turn and item they tell of and how a turn ended. Of what items say
 * nothing is needed but whether a text is empty.
 */
const EVENT_MEMBERS: Readonly<Record<string, WantedMembers>> = {
  task_started: { turn_id: "repeated", root_turn_id: "repeated", ...TIMES },
  task_complete: { turn_id: "repeated", root_turn_id: "repeated", error: "value", ...TIMES },
  item_completed: { turn_id: "repeated", item: { type: "repeated", id: "value", phase: "repeated" } },
  user_message: {},
  agent_message: { message: "emptiness", phase: "repeated" },
  agent_reasoning: { text: "emptiness" },
  agent_reasoning_raw_content: { text: "emptiness" },
  exec_command_end: TOOL,
  patch_apply_end: TOOL,
  mcp_tool_call_end: TOOL,
  web_search_end: TOOL,
};

const WANTED: ReadonlyMap<string, Wanted> = new Map(
  Object.entries(EVENT_MEMBERS).map(([event, members]) => [event, compileWanted({ type: "value", ...members })]),
);

/** Where the line that was peeked at last has its parts: reading a line is never interrupted. */
const parts: PeekedParts = { timestampEnd: -1, ordinalStart: -1, payloadTypeEnd: -1 };

/** Whether a line tells nothing of turns, whatever it says otherwise and whether or not it can be read. */
export function isBesideTurns(line: LineBytes, historyMode: HistoryMode): boolean {
  return kindOf(line, historyMode) === "other";
}

/** Reads what the index of turns needs of a line: `beside` when that is nothing, null when the line is no record. */
export function readTurnRecord(line: LineBytes, historyMode: HistoryMode): TurnRecord | "beside" | null {
  const kind = kindOf(line, historyMode);
  if (kind === "other") return "beside";
  const wanted = WANTED.get(kind);
  return (wanted && scanRecord(line, kind, wanted)) ?? parseRecord(line);
}

/** Reads all of a line. */
export function parseRecord(line: LineBytes): TurnRecord | null {
  const record = readRecord(line);
  if (record === null) return null;
  const { timestamp, ordinal, item } = record;
  return { timestamp: timestamp === undefined ? null : parseInstant(timestamp), ordinal, item };
}

function kindOf(line: LineBytes, historyMode: HistoryMode): LineKind {
  const kind = peekLine(line, NAMES[historyMode], parts);
  return kind === MESSAGE && !mayBeHookPrompt(line) ? "other" : kind;
}

/** Null when the line has to be parsed. */
function scanRecord(line: LineBytes, kind: string, wanted: Wanted): TurnRecord | null {
  const { timestampEnd, ordinalStart, payloadTypeEnd } = parts;
  const timestamp = parseInstant(line.buffer.toString("latin1", line.start + TIMESTAMP_START, timestampEnd));
  const ordinal = ordinalStart < 0 ? undefined : ordinalAt(line.buffer, ordinalStart);
  if (timestamp === null || ordinal === null) return null;
  const payload = scanNestedRest(line, payloadTypeEnd, wanted);
  // What is told twice counts as it is told last.
  if (payload === null || (payload.type !== undefined && payload.type !== kind)) return null;
  payload.type = kind;
  return { timestamp, ordinal, item: { type: "event_msg", payload } as RolloutItem };
}

/** Hooks' prompts are marked with their name, which nobody has reason to escape; who did all the same is parsed. */
function mayBeHookPrompt({ buffer, start, end }: LineBytes): boolean {
  const bytes = buffer.subarray(start, end);
  return bytes.includes(HOOK_PROMPT) || bytes.includes(ESCAPE);
}

const HOOK_PROMPT = Buffer.from("hook_prompt");
const ESCAPE = Buffer.from("\\u");

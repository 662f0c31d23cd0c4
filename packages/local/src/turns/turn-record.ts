import type { HistoryMode, RolloutItem } from "@threadstore/core";
import { TURN_EVENTS, TURN_KINDS } from "@threadstore/core/driver";
import { compileWanted, is, scanObject, type Wanted, type WantedMembers } from "../rollout/json-scan.js";
import { readRecord } from "../rollout/line-item.js";
import { type LineKind, type PeekNames, peekNames } from "../rollout/line-peek.js";
import type { LineBytes } from "../rollout/line-reader.js";

/** A record as far as the index of turns asks for it. */
export interface TurnRecord {
  readonly timestamp: string | undefined;
  readonly ordinal: number | undefined;
  readonly item: RolloutItem;
}

/** The lines that the turns of a history are made of. */
export const TURN_NAMES: Readonly<Record<HistoryMode, PeekNames>> = {
  paginated: peekNames(TURN_KINDS.paginated, TURN_EVENTS.paginated),
  legacy: peekNames(TURN_KINDS.legacy, TURN_EVENTS.legacy),
};

const TIMES = { started_at: "value", completed_at: "value", duration_ms: "value" } as const;
const TOOL = { call_id: "value", turn_id: "value" } as const;

/**
 * What decides, of the events that most lines are, which turn and item they tell of and how a turn ended. Of what items say
 * nothing is needed but whether a text is empty.
 */
const EVENT_MEMBERS: Readonly<Record<string, WantedMembers>> = {
  task_started: { turn_id: "value", root_turn_id: "value", ...TIMES },
  task_complete: { turn_id: "value", root_turn_id: "value", error: "value", ...TIMES },
  item_completed: { turn_id: "value", item: { type: "value", id: "value", phase: "value" } },
  user_message: {},
  agent_message: { message: "emptiness", phase: "value" },
  agent_reasoning: { text: "emptiness" },
  agent_reasoning_raw_content: { text: "emptiness" },
  exec_command_end: TOOL,
  patch_apply_end: TOOL,
  mcp_tool_call_end: TOOL,
  web_search_end: TOOL,
};

const ENVELOPE = { timestamp: "value", ordinal: "value", type: is("event_msg") } as const;

const WANTED: ReadonlyMap<string, Wanted> = new Map(
  Object.entries(EVENT_MEMBERS).map(([event, members]) => [
    event,
    compileWanted({ ...ENVELOPE, payload: { type: is(event), ...members } }),
  ]),
);

/** Reads what the index of turns needs of a line; null when the line is no record. */
export function readTurnRecord(line: LineBytes, kind: LineKind): TurnRecord | null {
  const wanted = WANTED.get(kind);
  return (wanted && scanRecord(line, kind, wanted)) ?? readRecord(line);
}

/** Null when the line has to be parsed. */
function scanRecord(line: LineBytes, kind: string, wanted: Wanted): TurnRecord | null {
  const record = scanObject(line, wanted);
  if (record === null) return null;
  const { timestamp, ordinal, type, payload } = record;
  const isEvent = type === "event_msg" && (payload as { type?: unknown } | null)?.type === kind;
  if (!isEvent || typeof timestamp !== "string" || !(ordinal === undefined || isOrdinal(ordinal))) return null;
  return { timestamp, ordinal, item: { type, payload } as RolloutItem };
}

function isOrdinal(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

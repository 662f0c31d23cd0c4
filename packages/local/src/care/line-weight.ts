import { compileWanted, scanObject } from "../rollout/json-scan.js";
import { type LineKind, type PeekedLine, peekLine, peekNames } from "../rollout/line-peek.js";
import { base64BytesIn } from "./base64-bytes.js";

/**
 * What the bytes of a rollout are for. `base64` are pictures and other files written into a line, whatever line that is;
 * `context` is what is recorded for the model or about the session; `other` is what cannot be read, and unknown kinds.
 */
export type WeightKind = "messages" | "reasoning" | "tools" | "compactions" | "base64" | "events" | "context" | "other";

/** Bytes by what they are for. */
export type BytesByKind = Readonly<Record<WeightKind, number>>;

export const NO_BYTES: BytesByKind = {
  messages: 0,
  reasoning: 0,
  tools: 0,
  compactions: 0,
  base64: 0,
  events: 0,
  context: 0,
  other: 0,
};

export interface LineWeight {
  readonly kind: Exclude<WeightKind, "base64">;
  readonly base64Bytes: number;
  /** Whether a turn begins here: where it is told, and for old threads, where a user's message begins one. */
  readonly begins: "turn" | "message" | null;
}

/** What a line is for, and how much of it is base64. Only a line that does not begin as Codex writes it is looked at whole. */
export function weighLine(line: PeekedLine): LineWeight {
  const peeked = peekLine(line, NAMES);
  const types = peeked === "unknown" ? typesOf(line) : null;
  const name = types === null ? peeked : ((types.line === "event_msg" ? types.payload : types.line) ?? "other");
  return { kind: useOf(line, { name, types }), base64Bytes: base64BytesIn(line), begins: BEGINNINGS.get(name) ?? null };
}

type LineUse = LineWeight["kind"];

const BEGINNINGS: ReadonlyMap<string, "turn" | "message"> = new Map([
  ["task_started", "turn"],
  ["turn_started", "turn"],
  ["user_message", "message"],
]);

/** A map, because files may hold any name, those of every object's members included. */
function usesOf(uses: Readonly<Record<string, LineUse>>): ReadonlyMap<string, LineUse> {
  return new Map(Object.entries(uses));
}

const KINDS = usesOf({
  session_meta: "context",
  turn_context: "context",
  world_state: "context",
  retained_context: "context",
  token_usage_record: "events",
  security_risk_score: "events",
  realtime_item: "messages",
  inter_agent_communication: "messages",
  inter_agent_communication_metadata: "messages",
  compacted: "compactions",
});

const EVENTS = usesOf({
  user_message: "messages",
  agent_message: "messages",
  entered_review_mode: "messages",
  exited_review_mode: "messages",
  agent_reasoning: "reasoning",
  agent_reasoning_raw_content: "reasoning",
  context_compacted: "compactions",
  exec_command_end: "tools",
  patch_apply_end: "tools",
  mcp_tool_call_end: "tools",
  web_search_end: "tools",
  image_generation_end: "tools",
  view_image_tool_call: "tools",
  dynamic_tool_call_request: "tools",
  dynamic_tool_call_response: "tools",
  sub_agent_activity: "tools",
});

const RESPONSE_ITEMS = usesOf({
  message: "messages",
  agent_message: "messages",
  reasoning: "reasoning",
  compaction: "compactions",
  context_compaction: "compactions",
  compaction_trigger: "compactions",
  additional_tools: "context",
  ghost_snapshot: "context",
  other: "other",
});

const TURN_ITEMS = usesOf({
  UserMessage: "messages",
  AgentMessage: "messages",
  HookPrompt: "messages",
  Plan: "messages",
  EnteredReviewMode: "messages",
  ExitedReviewMode: "messages",
  Reasoning: "reasoning",
  ContextCompaction: "compactions",
});

const NAMES = peekNames(
  ["response_item", ...KINDS.keys()],
  ["item_completed", "task_started", "turn_started", ...EVENTS.keys()],
);

interface NamedLine {
  /** The kind of its item, or for an event the name of the event; `other` and `unknown` as a peek has it. */
  readonly name: LineKind;
  /** What was found on a line that had to be looked at whole. */
  readonly types: LineTypes | null;
}

function useOf(line: PeekedLine, { name, types }: NamedLine): LineUse {
  switch (name) {
    case "response_item":
      return useByType(
        RESPONSE_ITEMS,
        types ? types.payload : (wordBehind(line, RESPONSE_TYPE) ?? typesOf(line)?.payload),
      );
    case "item_completed":
      return useByType(TURN_ITEMS, types ? types.item : (wordBehind(line, ITEM_TYPE) ?? typesOf(line)?.item));
    default:
      return KINDS.get(name) ?? EVENTS.get(name) ?? (isEvent(line, types) ? "events" : "other");
  }
}

/** What is neither said nor thought is done with a tool, types that came later included. */
function useByType(uses: ReadonlyMap<string, LineUse>, type: string | undefined): LineUse {
  return type === undefined ? "other" : (uses.get(type) ?? "tools");
}

function isEvent(line: PeekedLine, types: LineTypes | null): boolean {
  return types ? types.line === "event_msg" : headOf(line).includes(EVENT_TYPE);
}

/** Where Codex writes what a line is: behind a time, an ordinal and two ids. */
const HEAD_BYTES = 512;
const EVENT_TYPE = '"type":"event_msg","payload":{';
const RESPONSE_TYPE = /"payload":\{"type":"([a-z_]{1,64})"/;
const ITEM_TYPE = /"item":\{"type":"([A-Za-z]{1,64})"/;

function headOf({ buffer, start, end }: PeekedLine): string {
  return buffer.toString("latin1", start, Math.min(end, start + HEAD_BYTES));
}

function wordBehind(line: PeekedLine, pattern: RegExp): string | undefined {
  return pattern.exec(headOf(line))?.[1];
}

const TYPES = compileWanted({ type: "value", payload: { type: "value", item: { type: "value" } } });

interface LineTypes {
  readonly line?: string;
  readonly payload?: string;
  readonly item?: string;
}

/** The types on a line, wherever they stand; null when it is no JSON object, or too strange to tell. */
function typesOf(line: PeekedLine): LineTypes | null {
  const members = scanObject(line, TYPES);
  if (members === null) return null;
  const payload = objectOf(members.payload);
  return { ...textOf("line", members), ...textOf("payload", payload), ...textOf("item", objectOf(payload.item)) };
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(name: keyof LineTypes, { type }: Readonly<Record<string, unknown>>): LineTypes {
  return typeof type === "string" ? { [name]: type } : {};
}

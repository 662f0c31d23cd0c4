import { asJsonObject, type JsonObject, type StoredItem, textField } from "@threadstore/core";
import { eventsOfTurnItem } from "./events-of-turn-item.js";

/** Events that are sent as they are; others tell this Codex nothing, or are unknown to it. */
const PLAIN_EVENTS: ReadonlySet<string> = new Set([
  "thread_rolled_back",
  "task_started",
  "turn_started",
  "task_complete",
  "turn_complete",
  "token_count",
  "agent_reasoning",
  "agent_reasoning_raw_content",
  "context_compacted",
  "patch_apply_end",
  "mcp_tool_call_end",
  "web_search_end",
  "image_generation_end",
  "entered_review_mode",
  "exited_review_mode",
]);

const ABORT_REASONS: ReadonlySet<unknown> = new Set(["interrupted", "replaced", "review_ended", "budget_limited"]);
const APPROVAL_POLICIES: ReadonlySet<unknown> = new Set(["untrusted", "on-failure", "on-request", "never"]);
const SANDBOX_POLICIES: ReadonlySet<unknown> = new Set([
  "danger-full-access",
  "read-only",
  "workspace-write",
  "external-sandbox",
]);
const PHASES: ReadonlySet<unknown> = new Set(["commentary", "final_answer"]);

/** What the real Codex needs of a session_meta; of the rest it knows too little. */
const META_MEMBERS = ["id", "timestamp", "cwd", "originator", "cli_version"] as const;

/**
 * Tells a history item by item as the real Codex 0.129.0 can read it: it refuses the whole of it for one item that it does not know.
 * Nothing is told of commands that a paginated thread ran: this Codex shows none of its own either.
 */
export function itemsForCodex(): (items: readonly StoredItem[]) => string[] {
  let isBegun = false;
  return (items) =>
    items.flatMap((stored) => {
      const { type, payload } = stored.item;
      if (type !== "session_meta") return textsOf(stored);
      // Copies that later edits appended, or that a fork begins with, are of other times and threads.
      const meta = isBegun ? null : reducedMeta(asJsonObject(payload));
      isBegun = true;
      return meta ? [JSON.stringify({ type, payload: meta })] : [];
    });
}

/** Escapes of JSON: a whole character of two halves, half a one, any other. */
const ESCAPED = /(\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2})|(\\ud[89a-f][0-9a-f]{2})|\\./gi;

/** This Codex refuses halves of characters. */
function wellFormed(json: string): string {
  if (!json.includes("\\ud") && !json.includes("\\uD")) return json;
  return json.replace(ESCAPED, (found, _whole, half) => (half === undefined ? found : "\\ufffd"));
}

function textsOf({ json, item: { type, payload } }: StoredItem): string[] {
  const fields = asJsonObject(payload);
  if (fields === null) return [];
  if (type === "response_item" || type === "compacted") return [wellFormed(json)];
  if (type === "turn_context") return isKnownContext(fields) ? [wellFormed(json)] : [];
  if (type !== "event_msg") return [];
  if (PLAIN_EVENTS.has(textField(fields, "type") ?? "")) return [wellFormed(json)];
  return eventsOf(fields).map((event) => wellFormed(JSON.stringify({ type, payload: event })));
}

function eventsOf(event: JsonObject): JsonObject[] {
  switch (event.type) {
    case "user_message":
      return [without(event, "audio")];
    case "agent_message":
      return [{ type: event.type, message: event.message, ...(PHASES.has(event.phase) ? { phase: event.phase } : {}) }];
    case "turn_aborted":
      return [ABORT_REASONS.has(event.reason) ? event : { ...event, reason: "interrupted" }];
    case "item_completed":
      return isPlan(event)
        ? [event]
        : eventsOfTurnItem(asJsonObject(event.item) ?? {}, textField(event, "turn_id") ?? "");
    default:
      return [];
  }
}

/** The one kind of item that this Codex shows as it is recorded. */
function isPlan(event: JsonObject): boolean {
  return asJsonObject(event.item)?.type === "Plan";
}

function without(event: JsonObject, member: string): JsonObject {
  const { [member]: _left, ...rest } = event;
  return rest;
}

function isKnownContext({ approval_policy, sandbox_policy }: JsonObject): boolean {
  const sandbox = asJsonObject(sandbox_policy);
  return APPROVAL_POLICIES.has(approval_policy) && (sandbox === null || SANDBOX_POLICIES.has(sandbox.type));
}

function reducedMeta(meta: JsonObject | null): JsonObject | null {
  if (meta === null || META_MEMBERS.some((member) => typeof meta[member] !== "string")) return null;
  const instructions = asJsonObject(meta.base_instructions);
  const text = instructions && textField(instructions, "text");
  return {
    ...Object.fromEntries(META_MEMBERS.map((member) => [member, meta[member]])),
    ...(typeof text === "string" ? { base_instructions: { text } } : {}),
    ...(Array.isArray(meta.dynamic_tools) ? { dynamic_tools: meta.dynamic_tools.flatMap(knownTool) } : {}),
  };
}

/** A tool of the client, which is offered to the model again when the thread is resumed. */
function knownTool(tool: unknown): JsonObject[] {
  const { name, description, inputSchema, deferLoading } = asJsonObject(tool) ?? {};
  if (typeof name !== "string" || typeof description !== "string" || asJsonObject(inputSchema) === null) return [];
  return [{ name, description, inputSchema, ...(deferLoading === true ? { deferLoading } : {}) }];
}

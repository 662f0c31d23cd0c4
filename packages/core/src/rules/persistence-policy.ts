import type { EventPersistenceMode, HistoryMode, PersistencePolicy } from "../protocol/history-mode.js";
import { asJsonObject, type JsonObject, textField } from "../protocol/json-value.js";
import type { RolloutItem } from "../protocol/rollout-item.js";
import { DROPPED_EVERYWHERE, EVENTS_BY_POLICY } from "./persistence-policy-table.js";

export function policyOf(historyMode: HistoryMode, eventMode: EventPersistenceMode | undefined): PersistencePolicy {
  return eventMode ?? historyMode;
}

/** Bytes kept of a command's output by the extended policy; the rest is cut from the middle. */
const EXTENDED_OUTPUT_MAX_BYTES = 10_000;

/**
 * The item as the policy lets it be stored: the same object, a shortened copy (extended policy, command output), or null
 * when it is dropped. Kinds and events that the table does not name are always kept.
 *
 * @see docs/rollout-format.md, "What is persisted"
 */
export function applyPersistencePolicy(item: RolloutItem, policy: PersistencePolicy): RolloutItem | null {
  const payload = asJsonObject(item.payload);
  const kind = payload === null ? undefined : textField(payload, "type");
  if (payload === null || kind === undefined) return item;
  if (item.type === "response_item") return isResponseItemKept(kind, policy) ? item : null;
  if (item.type !== "event_msg") return item;
  if (!isEventKept(kind, payload, policy)) return null;
  return policy === "extended" && kind === "exec_command_end" ? withShortOutput(item, payload) : item;
}

function isResponseItemKept(kind: string, policy: PersistencePolicy): boolean {
  if (kind === "compaction_trigger" || kind === "other") return false;
  return kind !== "additional_tools" || policy !== "paginated";
}

function isEventKept(kind: string, payload: JsonObject, policy: PersistencePolicy): boolean {
  if (DROPPED_EVERYWHERE.has(kind)) return false;
  const rule = EVENTS_BY_POLICY.get(kind)?.[policy];
  if (rule === undefined) return true;
  if (typeof rule === "boolean") return rule;
  const turnItem = asJsonObject(payload.item);
  return turnItem !== null && rule.includes(textField(turnItem, "type") ?? "");
}

function withShortOutput(item: RolloutItem, payload: JsonObject): RolloutItem {
  const output = textField(payload, "aggregated_output") ?? "";
  return {
    ...item,
    payload: {
      ...payload,
      aggregated_output: cutMiddle(output, EXTENDED_OUTPUT_MAX_BYTES),
      stdout: "",
      stderr: "",
      formatted_output: "",
    },
  };
}

/** Keeps the beginning and the end of a text within a number of UTF-8 bytes, never splitting a character. */
function cutMiddle(text: string, maxBytes: number): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= maxBytes) return text;
  const mark = "…";
  const half = Math.floor((maxBytes - new TextEncoder().encode(mark).length) / 2);
  let headEnd = half;
  while (isContinuation(bytes[headEnd])) headEnd--;
  let tailStart = bytes.length - half;
  while (isContinuation(bytes[tailStart])) tailStart++;
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return decoder.decode(bytes.subarray(0, headEnd)) + mark + decoder.decode(bytes.subarray(tailStart));
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

import { searchableTexts } from "@threadstore/core/driver";
import { compileWanted, scanNestedRest } from "../rollout/json-scan.js";
import { readRecord } from "../rollout/line-item.js";
import { type PeekedParts, peekLine, peekNames } from "../rollout/line-peek.js";
import type { LineBytes } from "../rollout/line-reader.js";

/** The lines that hold what was said. */
const NAMES = peekNames([], ["user_message", "agent_message", "item_completed"], ["message"]);

/** The turn items that are messages: most others are large and say nothing. */
const MESSAGES: ReadonlySet<unknown> = new Set(["UserMessage", "AgentMessage", "Plan"]);
const ITEM_TYPE = compileWanted({ type: "value", item: { type: "value" } });

/** Where the line that was peeked at last has its parts: reading a line is never interrupted. */
const parts: PeekedParts = { timestampEnd: -1, ordinalStart: -1, payloadTypeEnd: -1 };

/** What was said on a line of a rollout. Lines that say nothing are not parsed. */
export function messageTexts(line: LineBytes): string[] {
  const kind = peekLine(line, NAMES, parts);
  if (kind === "other" || (kind === "item_completed" && isNoMessage(line))) return [];
  const record = readRecord(line);
  if (record === null) return [];
  return searchableTexts(record.item).flatMap(({ scope, text }) => (scope === "messages" ? [text] : []));
}

function isNoMessage(line: LineBytes): boolean {
  const payload = scanNestedRest(line, parts.payloadTypeEnd, ITEM_TYPE);
  const item = payload?.item as { readonly type?: unknown } | undefined;
  return item?.type !== undefined && !MESSAGES.has(item.type);
}

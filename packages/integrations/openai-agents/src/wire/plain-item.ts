import type { AgentInputItem } from "@openai/agents-core";
import { asJsonObject, type JsonObject } from "@threadstore/core";

/** An item of the SDK as JSON says it. */
export interface PlainItem extends JsonObject {
  readonly type?: string;
}

/** JSON has no bytes: they stand as an object with this one field, in base64. */
const BYTES = "openai_agents_bytes";

/** An item as JSON can say it: bytes are spelled, fields without a value are left out. */
export function plainItemOf(item: AgentInputItem): PlainItem {
  return JSON.parse(JSON.stringify(mapValues(item, spellBytes))) as PlainItem;
}

/** The other way round. */
export function itemOf(plain: PlainItem): AgentInputItem {
  return mapValues(plain, readBytes) as AgentInputItem;
}

function spellBytes(value: unknown): unknown {
  return value instanceof Uint8Array ? { [BYTES]: Buffer.from(value).toString("base64") } : undefined;
}

function readBytes(value: unknown): unknown {
  const text = asJsonObject(value)?.[BYTES];
  return typeof text === "string" ? new Uint8Array(Buffer.from(text, "base64")) : undefined;
}

/** A copy in which each value that `replace` has another one for is that one. */
function mapValues(value: unknown, replace: (value: unknown) => unknown): unknown {
  const other = replace(value);
  if (other !== undefined) return other;
  if (Array.isArray(value)) return value.map((part) => mapValues(part, replace));
  const fields = asJsonObject(value);
  if (fields === null) return value;
  return Object.fromEntries(Object.entries(fields).map(([key, part]) => [key, mapValues(part, replace)]));
}

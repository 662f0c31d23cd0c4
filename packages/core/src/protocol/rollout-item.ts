import type { EventMessage } from "./event-message.js";
import type { Instant } from "./instant.js";
import type { ResponseItem } from "./response-item.js";
import type { SessionMeta } from "./session-meta.js";
import type { TurnContext } from "./turn-context.js";

/**
 * One persisted record: the object of a rollout line without its timestamp and ordinal. Fields beside `type` and
 * `payload` (such as `metadata` on response items) belong to the item and are kept.
 */
export interface RolloutItem {
  readonly type: string;
  readonly payload: unknown;
  readonly [field: string]: unknown;
}

/** The kinds that threadstore knows. Any other kind passes through untouched. */
export type KnownRolloutItem =
  | { readonly type: "session_meta"; readonly payload: SessionMeta }
  | { readonly type: "response_item"; readonly payload: ResponseItem; readonly metadata?: unknown }
  | { readonly type: "turn_context"; readonly payload: TurnContext }
  | { readonly type: "event_msg"; readonly payload: EventMessage }
  | { readonly type: "compacted"; readonly payload: Compacted }
  | { readonly type: OpaqueItemKind; readonly payload: Readonly<Record<string, unknown>> };

/** Kinds whose payload threadstore stores and never looks into. */
export type OpaqueItemKind =
  | "inter_agent_communication"
  | "inter_agent_communication_metadata"
  | "world_state"
  | "realtime_item"
  | "retained_context"
  | "security_risk_score"
  | "token_usage_record";

/** A summary that replaced the history before it. @see docs/rollout-format.md */
export interface Compacted {
  readonly message?: string;
  readonly replacement_history?: readonly unknown[];
  readonly window_number?: number;
  readonly [field: string]: unknown;
}

/** An item as callers hand it in: its raw text, kept byte for byte, or an object that is serialised once. */
export type AppendedItem = ItemInput | RolloutItem;

/** The raw JSON text of an item. A `timestamp` or `ordinal` in it is dropped: the store gives its own. */
export interface ItemInput {
  readonly json: string;
}

/** An item as a store gives it back. `json` is the recorded text; `item` is parsed when first asked for. */
export interface StoredItem {
  readonly ordinal: number;
  readonly timestamp: Instant;
  readonly json: string;
  readonly item: RolloutItem;
}

class LazyStoredItem implements StoredItem {
  readonly ordinal: number;
  readonly timestamp: Instant;
  readonly json: string;
  #item: RolloutItem | undefined;

  constructor(ordinal: number, timestamp: Instant, json: string, item: RolloutItem | undefined) {
    this.ordinal = ordinal;
    this.timestamp = timestamp;
    this.json = json;
    this.#item = item;
  }

  get item(): RolloutItem {
    this.#item ??= JSON.parse(this.json) as RolloutItem;
    return this.#item;
  }
}

/** Makes a stored item; `item` may be given when the text is already parsed. */
export function storedItem(fields: {
  ordinal: number;
  timestamp: Instant;
  json: string;
  item?: RolloutItem;
}): StoredItem {
  return new LazyStoredItem(fields.ordinal, fields.timestamp, fields.json, fields.item);
}

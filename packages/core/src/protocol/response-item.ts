/** The payload of `response_item`: one item of the model's own conversation. */
export interface ResponseItem {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** The response items that threadstore knows by name; others pass through. */
export const RESPONSE_ITEM_KINDS = [
  "message",
  "agent_message",
  "additional_tools",
  "reasoning",
  "local_shell_call",
  "function_call",
  "function_call_output",
  "tool_search_call",
  "tool_search_output",
  "custom_tool_call",
  "custom_tool_call_output",
  "web_search_call",
  "image_generation_call",
  "compaction",
  "context_compaction",
  "compaction_trigger",
  "ghost_snapshot",
  "other",
] as const;

export type ResponseItemKind = (typeof RESPONSE_ITEM_KINDS)[number];

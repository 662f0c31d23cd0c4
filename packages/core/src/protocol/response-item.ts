/** The payload of `response_item`: one item of the model's own conversation. Kinds that nobody knows pass through. */
export interface ResponseItem {
  readonly type: ResponseItemKind | (string & {});
  readonly [field: string]: unknown;
}

/** The kinds that are known by name. */
export type ResponseItemKind =
  | "message"
  | "agent_message"
  | "additional_tools"
  | "reasoning"
  | "local_shell_call"
  | "function_call"
  | "function_call_output"
  | "tool_search_call"
  | "tool_search_output"
  | "custom_tool_call"
  | "custom_tool_call_output"
  | "web_search_call"
  | "image_generation_call"
  | "compaction"
  | "context_compaction"
  | "compaction_trigger"
  | "ghost_snapshot"
  | "other";

/** Kinds that the SDK and the Responses API name alike, with fields that differ in their spelling alone. */
export const SAME_NAMED_KINDS: ReadonlySet<string> = new Set([
  "shell_call",
  "shell_call_output",
  "apply_patch_call",
  "apply_patch_call_output",
  "computer_call",
  "program",
  "program_output",
]);

/** Kinds of the Responses API that the SDK has items of its own for. */
export const SDK_KINDS: ReadonlySet<string> = new Set([
  ...SAME_NAMED_KINDS,
  "message",
  "function_call",
  "function_call_output",
  "reasoning",
  "compaction",
  "tool_search_call",
  "tool_search_output",
  "computer_call_output",
  "web_search_call",
  "image_generation_call",
]);

import type { AgentInputItem } from "@openai/agents-core";
import fc from "fast-check";

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const id = fc.stringMatching(/^[a-z]{1,6}$/);
const bytes = fc.uint8Array({ maxLength: 8 });
const providerData = fc.dictionary(
  id,
  fc.oneof(text, fc.integer(), fc.constant(null), fc.array(text, { maxLength: 2 })),
  { noNullPrototype: true },
);
const status = fc.constantFrom("in_progress", "completed", "incomplete");
const base = { id, providerData };

function record(required: Record<string, fc.Arbitrary<unknown>>, optional: Record<string, fc.Arbitrary<unknown>> = {}) {
  return fc.record({ ...required, ...optional }, { requiredKeys: Object.keys(required), noNullPrototype: true });
}

const inputParts = fc.array(
  fc.oneof(
    record({ type: fc.constant("input_text"), text }, { providerData }),
    record({ type: fc.constant("input_image"), image: fc.oneof(text, record({ id })) }, { detail: text, providerData }),
    record(
      { type: fc.constant("input_file"), file: fc.oneof(text, record({ id }), record({ url: text })) },
      { filename: text },
    ),
    record({ type: fc.constant("audio"), audio: fc.oneof(text, record({ id })) }, { format: text, transcript: text }),
  ),
  { maxLength: 3 },
);

const outputParts = fc.array(
  fc.oneof(
    record({ type: fc.constant("output_text"), text }, { providerData }),
    record({ type: fc.constant("refusal"), refusal: text }, { providerData }),
    record({ type: fc.constant("image"), image: text }),
  ),
  { maxLength: 3 },
);

const toolOutput = fc.oneof(
  text,
  record({ type: fc.constant("text"), text }, { providerData }),
  record({ type: fc.constant("image"), image: record({ data: bytes }, { mediaType: text }) }, { detail: text }),
  record({ type: fc.constant("file"), file: record({ data: bytes, mediaType: text, filename: text }) }),
  inputParts,
);

const message = fc.oneof(
  record({ role: fc.constant("user"), content: fc.oneof(text, inputParts) }, { ...base, type: fc.constant("message") }),
  record({ role: fc.constant("system"), content: text }, { ...base, type: fc.constant("message") }),
  record(
    { role: fc.constant("assistant"), content: outputParts, status },
    { ...base, type: fc.constant("message"), phase: fc.constantFrom("commentary", "final_answer") },
  ),
);

const functionItem = fc.oneof(
  record(
    { type: fc.constant("function_call"), callId: id, name: id, arguments: text },
    { ...base, status, namespace: id, caller: record({ type: fc.constant("direct") }) },
  ),
  record(
    { type: fc.constant("function_call_result"), callId: id, name: id, status, output: toolOutput },
    { ...base, namespace: id },
  ),
);

const reasoning = record(
  {
    type: fc.constant("reasoning"),
    content: fc.array(record({ type: fc.constant("input_text"), text }), { maxLength: 2 }),
  },
  {
    id,
    rawContent: fc.array(record({ type: fc.constant("reasoning_text"), text }), { maxLength: 2 }),
    providerData: fc.oneof(providerData, record({ encrypted_content: text })),
  },
);

const otherItem = fc.oneof(
  record({ type: fc.constant("compaction"), encrypted_content: text }, { ...base, created_by: text }),
  record(
    { type: fc.constant("unknown") },
    {
      id,
      providerData: fc.oneof(
        providerData,
        record({ type: id }),
        record({ type: fc.constantFrom("other", "message", "custom_tool_call") }),
      ),
    },
  ),
  record(
    {
      type: fc.constant("hosted_tool_call"),
      name: fc.oneof(id, fc.constantFrom("web_search_call", "mcp_call", "image_generation_call")),
    },
    { ...base, status: text, output: text, arguments: text },
  ),
  record(
    { type: fc.constant("tool_search_call"), arguments: fc.array(text, { maxLength: 2 }) },
    { ...base, callId: id, call_id: id, execution: fc.constant("client"), status: text },
  ),
  record(
    { type: fc.constant("tool_search_output"), tools: fc.array(providerData, { maxLength: 2 }) },
    { ...base, callId: id, status: text },
  ),
  record(
    {
      type: fc.constant("computer_call"),
      callId: id,
      status,
      action: record({ type: fc.constant("scroll"), x: fc.nat(), y: fc.nat(), scroll_x: fc.nat(), scroll_y: fc.nat() }),
    },
    base,
  ),
  record(
    {
      type: fc.constant("computer_call_result"),
      callId: id,
      output: record({ type: fc.constant("computer_screenshot"), data: text }, { providerData }),
    },
    base,
  ),
  record(
    {
      type: fc.constant("shell_call"),
      callId: id,
      action: record(
        { commands: fc.array(text, { maxLength: 2 }) },
        { timeoutMs: fc.nat(), maxOutputLength: fc.nat() },
      ),
    },
    { ...base, status },
  ),
  record(
    {
      type: fc.constant("shell_call_output"),
      callId: id,
      output: fc.array(
        record({
          stdout: text,
          stderr: text,
          outcome: record({ type: fc.constant("exit"), exitCode: fc.option(fc.nat()) }),
        }),
        { maxLength: 2 },
      ),
    },
    base,
  ),
  record(
    {
      type: fc.constant("apply_patch_call"),
      callId: id,
      status: fc.constant("completed"),
      operation: record({ type: fc.constant("update_file"), path: text, diff: text }, { moveTo: id }),
    },
    base,
  ),
  record(
    { type: fc.constant("apply_patch_call_output"), callId: id, status: fc.constant("failed") },
    { ...base, output: text },
  ),
  record({ type: fc.constant("program"), callId: id, code: text, fingerprint: text }, base),
);

/** Any item that the SDK knows. */
export const anyItem = fc.oneof(message, functionItem, reasoning, otherItem) as unknown as fc.Arbitrary<AgentInputItem>;

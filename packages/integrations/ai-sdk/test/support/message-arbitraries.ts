import type { UIMessage } from "ai";
import fc from "fast-check";

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const id = fc.stringMatching(/^[a-z]{1,6}$/);
/** As JSON gives it back: it has no negative zero. */
const json = fc.jsonValue({ maxDepth: 1 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);
const providerMetadata = record(
  {},
  { openai: record({}, { itemId: id, reasoningEncryptedContent: text }), other: record({ key: text }) },
);

function record(required: Record<string, fc.Arbitrary<unknown>>, optional: Record<string, fc.Arbitrary<unknown>> = {}) {
  const keys = { requiredKeys: Object.keys(required), noNullPrototype: true };
  return fc.record({ ...required, ...optional }, keys);
}

const state = fc.constantFrom("streaming", "done");
const textPart = record({ type: fc.constant("text"), text }, { state, providerMetadata });
const filePart = record(
  { type: fc.constant("file"), mediaType: fc.constantFrom("image/png", "application/pdf"), url: text },
  { filename: text },
);
const dataPart = record({ type: id.map((name) => `data-${name}`), data: json }, { id });

const toolState = fc.oneof(
  record({ state: fc.constant("input-streaming") }, { input: json, rawInput: text }),
  record({ state: fc.constant("input-available"), input: json }),
  record({ state: fc.constant("approval-requested"), input: json, approval: record({ id }) }),
  record({ state: fc.constant("output-available"), input: json, output: json }, { preliminary: fc.boolean() }),
  record({ state: fc.constant("output-error"), input: json, errorText: text }, { rawInput: json }),
  record({
    state: fc.constant("output-denied"),
    input: json,
    approval: record({ id, approved: fc.constant(false) }, { reason: text }),
  }),
);
const toolName = fc.oneof(
  id.map((name) => ({ type: `tool-${name}` })),
  id.map((name) => ({ type: "dynamic-tool", toolName: name })),
);
const toolPart = fc
  .tuple(toolName, record({ toolCallId: id }, { title: text, providerExecuted: fc.boolean() }), toolState)
  .map((fields) => Object.assign({}, ...fields) as object);

const agentPart = fc.oneof(
  textPart,
  record({ type: fc.constant("reasoning"), text }, { state, id, providerMetadata }),
  toolPart,
  filePart,
  dataPart,
  record({ type: fc.constant("step-start") }),
  record({ type: fc.constant("source-url"), sourceId: id, url: text }, { title: text }),
);

function message(role: string, parts: fc.Arbitrary<unknown>) {
  return record(
    { id: fc.oneof(id, fc.constant("")), role: fc.constant(role), parts: fc.array(parts, { maxLength: 4 }) },
    { metadata: json },
  );
}

/** Any message that the AI SDK knows. */
export const anyMessage = fc.oneof(
  message("user", fc.oneof(textPart, filePart, dataPart)),
  message("assistant", agentPart),
  message("system", textPart),
) as unknown as fc.Arbitrary<UIMessage>;

import type { AgentInputItem } from "@openai/agents-core";
import type { JsonObject, RolloutItem } from "@threadstore/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyItem } from "../../test/support/item-arbitraries.js";
import { itemRecord, readItemRecord } from "../history/item-record.js";
import { StoredForms } from "./stored-form.js";

function recordsOf(items: readonly AgentInputItem[]): RolloutItem[] {
  const forms = new StoredForms();
  return items.map((item) => JSON.parse(JSON.stringify(itemRecord(forms.write(item)))));
}

function readAll(records: readonly RolloutItem[]): (AgentInputItem | null)[] {
  const forms = new StoredForms();
  return records.map((record) => readItemRecord(forms, record));
}

/** The kinds of parts that the real Codex reads. */
const CODEX_PARTS = new Set(["input_text", "input_image", "output_text"]);

const CALL: AgentInputItem = {
  type: "function_call",
  callId: "c",
  name: "weather",
  arguments: "{}",
  status: "completed",
};
const ANSWER: AgentInputItem = {
  type: "function_call_result",
  callId: "c",
  name: "weather",
  status: "completed",
  output: { type: "text", text: "sunny" },
};

describe("an item of the SDK", () => {
  it("comes back as it was, whatever it is", () => {
    fc.assert(
      fc.property(fc.array(anyItem, { maxLength: 6 }), (items) => {
        expect(readAll(recordsOf(items))).toStrictEqual(items);
      }),
    );
  });

  it("is stored with content that Codex reads", () => {
    fc.assert(
      fc.property(anyItem, (item) => {
        const [payload] = recordsOf([item]).map((record) => record.payload as JsonObject);
        const { type, content, output } = payload ?? {};
        const isRead = type === "message" || type === "function_call_output";
        const parts = [content, output].flatMap((list) => (isRead && Array.isArray(list) ? list : []));
        expect(parts.map((part) => part.type).filter((kind) => !CODEX_PARTS.has(kind))).toStrictEqual([]);
        expect(["other", "compaction_trigger"]).not.toContain(type);
      }),
    );
  });

  it("has the fields of the Responses API, and nothing beside them when those say all", () => {
    const items: AgentInputItem[] = [{ type: "message", role: "user", content: "hello" }, CALL, ANSWER];
    expect(recordsOf(items)).toStrictEqual([
      {
        type: "response_item",
        payload: { type: "message", role: "user", content: [{ type: "input_text", text: "hello" }] },
      },
      {
        type: "response_item",
        payload: { type: "function_call", name: "weather", arguments: "{}", call_id: "c", status: "completed" },
      },
      {
        type: "response_item",
        payload: { type: "function_call_output", call_id: "c", output: "sunny", status: "completed" },
      },
    ]);
  });

  it("keeps beside them what they have no place for", () => {
    const [record] = recordsOf([{ ...CALL, providerData: { model: "x" } } as AgentInputItem]);
    expect(record).toMatchObject({ openai_agents_item: { fields: { providerData: { model: "x" } } } });
    expect(record?.payload).not.toHaveProperty("providerData");
  });

  it("of a provider that speaks the Responses API is not stored twice", () => {
    const item: AgentInputItem = {
      type: "message",
      id: "msg_1",
      role: "assistant",
      status: "completed",
      content: [{ type: "output_text", text: "a long answer", providerData: { annotations: [], logprobs: [] } }],
      providerData: {},
    };
    const [record] = recordsOf([item]);
    expect(record).toStrictEqual({
      type: "response_item",
      payload: {
        type: "message",
        id: "msg_1",
        role: "assistant",
        content: [{ type: "output_text", text: "a long answer", annotations: [], logprobs: [] }],
        status: "completed",
      },
      openai_agents_item: { fields: { providerData: {} } },
    });
  });
});

describe("an item that Codex recorded", () => {
  const read = (payload: JsonObject) => readAll([{ type: "response_item", payload }])[0];

  it("of a kind that the SDK does not know is one of its provider", () => {
    const payload = { type: "custom_tool_call", id: "ct_1", call_id: "c", name: "apply_patch", input: "*** Begin" };
    expect(read(payload)).toStrictEqual({ type: "unknown", id: "ct_1", providerData: payload });
  });

  it("of a developer is one of the system", () => {
    expect(
      read({ type: "message", role: "developer", content: [{ type: "input_text", text: "be brief" }] }),
    ).toStrictEqual({
      type: "message",
      role: "system",
      content: "be brief",
      providerData: { type: "message", role: "developer" },
    });
  });

  it("that thought tells its summary and its secret", () => {
    const payload = {
      type: "reasoning",
      id: "rs_1",
      summary: [{ type: "summary_text", text: "of a tool" }],
      content: null,
      encrypted_content: "secret",
    };
    expect(read(payload)).toStrictEqual({
      type: "reasoning",
      id: "rs_1",
      content: [{ type: "input_text", text: "of a tool" }],
      providerData: { id: "rs_1", type: "reasoning", encrypted_content: "secret" },
    });
  });
});

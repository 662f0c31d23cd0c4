import type { OpenAI } from "openai";
import { describe, expect, it } from "vitest";
import { deltaEvent, outputEvent, tokenUsage } from "./output-events.js";

type OutputItem = OpenAI.Responses.ResponseOutputItem;
type StreamEvent = OpenAI.Responses.ResponseStreamEvent;

function eventOf(item: object) {
  return outputEvent(item as OutputItem);
}

describe("outputEvent", () => {
  it("joins the parts of a message, refusals included", () => {
    const content = [
      { type: "output_text", text: "I would, but ", annotations: [] },
      { type: "refusal", refusal: "I may not." },
    ];
    const message = { type: "message", id: "msg_1", role: "assistant", status: "completed", content };
    expect([eventOf(message), eventOf({ ...message, phase: "commentary" })]).toStrictEqual([
      { type: "message", id: "msg_1", text: "I would, but I may not." },
      { type: "message", id: "msg_1", text: "I would, but I may not.", phase: "commentary" },
    ]);
  });

  it("keeps of a thought what there is of it", () => {
    const bare = { type: "reasoning", id: "rs_1", summary: [] };
    const whole = {
      ...bare,
      summary: [{ type: "summary_text", text: "of it" }],
      content: [{ type: "reasoning_text", text: "it is" }],
      encrypted_content: "secret",
    };
    expect([eventOf(bare), eventOf({ ...bare, content: [], encrypted_content: null }), eventOf(whole)]).toStrictEqual([
      { type: "reasoning", id: "rs_1", summary: [] },
      { type: "reasoning", id: "rs_1", summary: [] },
      { type: "reasoning", id: "rs_1", summary: ["of it"], content: ["it is"], encryptedContent: "secret" },
    ]);
  });

  it("keeps of a call its arguments as they are, JSON or not", () => {
    const call = { type: "function_call", call_id: "call_1", name: "look", arguments: "{not json" };
    const event = { type: "functionCall", callId: "call_1", name: "look", args: "{not json" };
    expect([eventOf(call), eventOf({ ...call, id: "fc_1" })]).toStrictEqual([event, { ...event, id: "fc_1" }]);
  });

  it("keeps items of other kinds as they are", () => {
    const item = { type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search", query: "it" } };
    expect(eventOf(item)).toStrictEqual({ type: "item", item });
  });
});

describe("deltaEvent", () => {
  it.each([
    ["response.output_text.delta", "messageDelta"],
    ["response.refusal.delta", "messageDelta"],
    ["response.reasoning_summary_text.delta", "reasoningDelta"],
    ["response.reasoning_text.delta", "reasoningDelta"],
  ])("tells %s as a %s", (type, told) => {
    const event = { type, item_id: "it_1", delta: "word" } as StreamEvent;
    expect(deltaEvent(event)).toStrictEqual({ type: told, id: "it_1", delta: "word" });
  });

  it.each(["response.created", "response.function_call_arguments.delta", "response.of_a_later_time"])(
    "tells nothing of %s",
    (type) => {
      expect(deltaEvent({ type, item_id: "it_1", delta: "{" } as unknown as StreamEvent)).toBeNull();
    },
  );
});

describe("tokenUsage", () => {
  it("counts what the provider counted", () => {
    const usage = {
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 20, cache_write_tokens: 0 },
      output_tokens: 10,
      output_tokens_details: { reasoning_tokens: 5 },
      total_tokens: 110,
    };
    const counted = {
      inputTokens: 100,
      cachedInputTokens: 20,
      outputTokens: 10,
      reasoningOutputTokens: 5,
      totalTokens: 110,
    };
    expect(tokenUsage(usage as OpenAI.Responses.ResponseUsage)).toStrictEqual(counted);
  });

  it("counts nothing where the provider did not, and no details where it gave none", () => {
    const bare = { input_tokens: 1, output_tokens: 2, total_tokens: 3 } as OpenAI.Responses.ResponseUsage;
    expect([tokenUsage(undefined), tokenUsage(null), tokenUsage(bare)]).toStrictEqual([
      null,
      null,
      { inputTokens: 1, cachedInputTokens: 0, outputTokens: 2, reasoningOutputTokens: 0, totalTokens: 3 },
    ]);
  });
});

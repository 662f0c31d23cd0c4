import type { AgentEvent } from "@threadstore/runtime";
import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { BrokenAnswerError } from "./model-failure.js";
import { streamAnswer } from "./stream-answer.js";

const CREATED = { type: "response.created", response: { id: "resp_1" } };
const DELTA = { type: "response.output_text.delta", item_id: "msg_1", delta: "Hello" };
const COMPLETED = { type: "response.completed", response: { id: "resp_1", status: "completed" } };
const WORD = { type: "messageDelta", id: "msg_1", delta: "Hello" };

function sent(event: object): string {
  return `event: ${(event as { readonly type?: string }).type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** What is told of an answer of these bytes, and what it ended with. */
async function told(body: string) {
  const client = new OpenAI({
    apiKey: "none",
    logLevel: "off",
    fetch: async () => new Response(body, { headers: { "content-type": "text/event-stream" } }),
  });
  const { signal } = new AbortController();
  const events: AgentEvent[] = [];
  try {
    const request = { client, body: { model: "fake", input: [] }, signal, idleMaxMs: 1_000 };
    for await (const event of streamAnswer(request)) events.push(event);
    return { events };
  } catch (error) {
    return { events, error };
  }
}

describe("streamAnswer", () => {
  it("ends with the answer, whatever comes after it, and counts nothing where the provider did not", async () => {
    expect(await told([CREATED, DELTA, COMPLETED, DELTA].map(sent).join(""))).toStrictEqual({ events: [WORD] });
  });

  it("knows an answer without an end as broken off", async () => {
    expect(await told([CREATED, DELTA].map(sent).join(""))).toStrictEqual({
      events: [WORD],
      error: new BrokenAnswerError("the answer broke off"),
    });
    // An event that was cut in its middle is none.
    expect((await told(sent(DELTA) + sent(COMPLETED).slice(0, -20))).error).toBeInstanceOf(BrokenAnswerError);
  });

  it("knows what cannot be read as broken off, and tells nothing of what it said", async () => {
    const { error } = await told(`${sent(CREATED)}event: x\ndata: {"delta": my secret\n\n`);
    expect(error).toStrictEqual(new BrokenAnswerError("the answer cannot be read"));
  });

  const retried = { type: "error", code: "server_error", message: "it broke", param: null };
  const final = { type: "error", code: "context_length_exceeded", message: "too long", param: null };

  it("asks again after an error of the server, in either of the forms that providers send it", async () => {
    const broken = new BrokenAnswerError("it broke");
    const { code, message } = retried;
    expect((await told(sent(retried))).error).toStrictEqual(broken);
    expect((await told(sent({ type: "error", error: { code, message } }))).error).toStrictEqual(broken);
  });

  it("fails with any other error, of the kind that it is", async () => {
    const { code, message } = final;
    const failure = { message, codexErrorInfo: "context_window_exceeded" };
    expect((await told(sent(final))).error).toMatchObject(failure);
    expect((await told(sent({ type: "error", error: { code, message } }))).error).toMatchObject(failure);
    expect((await told(sent({ ...final, code: null }))).error).toMatchObject({ message, codexErrorInfo: "other" });
  });

  it("fails with an answer that gives no reason", async () => {
    const failed = { type: "response.failed", response: { id: "resp_1", status: "failed", error: null } };
    expect((await told(sent(failed))).error).toMatchObject({ message: "the model failed", codexErrorInfo: "other" });
  });
});

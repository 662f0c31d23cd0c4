import { afterEach, describe, expect, it } from "vitest";
import type { Answer } from "../../../../test/support/answer-events.js";
import { type AgentScene, HISTORY_MODES, KEY, openAgentScene } from "./support/agent-scene.js";
import { calls, says, toldAgent, toldUser } from "./support/model-items.js";
import { lastTurnOf, payloadsOf, textOfThread } from "./support/stored-records.js";
import { ToldEvents } from "./support/told-events.js";

let scene: AgentScene;

afterEach(() => scene[Symbol.asyncDispose]());

function refusal(status: number, code = "", message = "no"): Answer {
  return { refusal: { status, code, message } };
}

/** A turn to which the provider answers so, and then as always. */
async function turnOf(...answers: readonly Answer[]) {
  scene = await openAgentScene({ retriesMax: 2 });
  const { provider, manager, store } = scene;
  const thread = await manager.startThread();
  const events = new ToldEvents(thread);
  for (const answer of answers) provider.answerNext(answer);
  const { status, error, lastMessage } = await thread.runTurn("Go");
  const told = await events.until("turnEnded");
  return {
    end: { status, lastMessage, ...(error ? { error } : {}) },
    requests: provider.requests.length,
    warnings: told.filter((word) => word.startsWith("warning")),
    records: (await lastTurnOf(store, thread.threadId)).slice(2),
    thread,
  };
}

const GIVEN_UP: readonly (readonly [string, Answer, string, unknown])[] = [
  ["401", refusal(401, "invalid_api_key"), "401 no", "unauthorized"],
  ["403", refusal(403), "403 no", "unauthorized"],
  ["400", refusal(400, "invalid_value"), "400 no", "bad_request"],
  ["404", refusal(404), "404 no", "bad_request"],
  ["400 of a context that is too long", refusal(400, "context_length_exceeded"), "400 no", "context_window_exceeded"],
  ["429 of a quota that is used up", refusal(429, "insufficient_quota"), "429 no", "usage_limit_exceeded"],
  ["429 of a usage limit", refusal(429, "usage_limit_reached"), "429 no", "usage_limit_exceeded"],
];

describe("a request that the provider refuses for good", () => {
  it.each(GIVEN_UP)("with %s fails the turn at once", async (_name, answer, message, codexErrorInfo) => {
    const { end, requests, warnings, records, thread } = await turnOf(answer);
    const error = { message, codexErrorInfo };
    expect([end, requests, warnings]).toStrictEqual([{ status: "failed", lastMessage: null, error }, 1, []]);
    expect(records).toStrictEqual(["task_complete"]);
    const [ended] = await payloadsOf(scene.store, thread.threadId, "task_complete");
    expect([ended?.error, ended?.last_agent_message]).toStrictEqual([
      { message, codex_error_info: codexErrorInfo },
      null,
    ]);
  });
});

describe("a request that may be made again", () => {
  it.each([408, 409, 429, 500, 503])("because of a %d, is made again", async (status) => {
    const { end, requests, warnings, records } = await turnOf(refusal(status), refusal(status));
    expect([end, requests]).toStrictEqual([{ status: "completed", lastMessage: "Answer to: Go" }, 3]);
    expect(warnings).toStrictEqual([
      `warning ${status} no: asking again, 1 of 2`,
      `warning ${status} no: asking again, 2 of 2`,
    ]);
    expect(records).toStrictEqual([
      "seen AgentMessage",
      "assistant: Answer to: Go",
      "token_usage_record",
      "token_count",
      "task_complete",
    ]);
  });

  it.each([
    [429, { response_too_many_failed_attempts: { http_status_code: 429 } }],
    [500, "internal_server_error"],
    [503, "internal_server_error"],
  ])("fails the turn after the last time, with a %d", async (status, codexErrorInfo) => {
    const refused = refusal(status);
    const { end, requests, records } = await turnOf(refused, refused, refused);
    const error = { message: `${status} no`, codexErrorInfo };
    expect([end, requests, records]).toStrictEqual([
      { status: "failed", lastMessage: null, error },
      3,
      ["task_complete"],
    ]);
  });

  it("is made again no oftener for failing in different ways", async () => {
    const failure = { code: "server_error", message: "it broke" };
    const { end, requests } = await turnOf(refusal(500), { output: [], failure }, { breaksAfterEvents: 0 });
    expect([end.status, requests]).toStrictEqual(["failed", 3]);
  });

  it("is not made again when the turn is interrupted meanwhile", async () => {
    scene = await openAgentScene({ retryDelayMs: 3_600_000 });
    const { provider, manager, store } = scene;
    const thread = await manager.startThread();
    const events = new ToldEvents(thread);
    provider.answerNext(refusal(500));
    await thread.submit({ type: "userTurn", input: [{ type: "text", text: "Go" }] });
    await events.until("warning");
    await thread.submit({ type: "interrupt" });
    await thread.agentStopped();
    expect(provider.requests).toHaveLength(1);
    expect((await lastTurnOf(store, thread.threadId)).slice(2)).toStrictEqual(["user: <turn_aborted>", "turn_aborted"]);
  });

  it("fails where nobody listens", async () => {
    scene = await openAgentScene({ retriesMax: 1 });
    const thread = await scene.manager.startThread();
    await scene.provider.close();
    const { status, error } = await thread.runTurn("Go");
    expect([status, error?.codexErrorInfo]).toStrictEqual([
      "failed",
      { http_connection_failed: { http_status_code: null } },
    ]);
    scene = { ...scene, [Symbol.asyncDispose]: async () => void (await scene.manager.shutdownAll()) };
  });
});

describe("an answer that fails by itself", () => {
  it("with an error of the server is asked for again", async () => {
    const failure = { code: "server_error", message: "it broke" };
    const { end, requests, warnings } = await turnOf({ output: [], failure });
    expect([end.status, requests]).toStrictEqual(["completed", 2]);
    expect(warnings).toStrictEqual(["warning it broke: asking again, 1 of 2"]);
  });

  it("with an error of the server, again and again, fails the turn", async () => {
    const answer = { output: [], failure: { code: "server_error", message: "it broke" } };
    const { end, requests } = await turnOf(answer, answer, answer);
    const codexErrorInfo = { response_stream_disconnected: { http_status_code: null } };
    expect([end.error, requests]).toStrictEqual([{ message: "it broke", codexErrorInfo }, 3]);
  });

  it.each([
    ["context_length_exceeded", "context_window_exceeded"],
    ["insufficient_quota", "usage_limit_exceeded"],
    ["invalid_prompt", "other"],
  ])("with %s fails the turn, and keeps what was said before", async (code, codexErrorInfo) => {
    const failure = { code, message: "it is not to be" };
    const { end, requests, records, thread } = await turnOf({ output: [says("So far.")], failure });
    expect([end.error, requests]).toStrictEqual([{ message: "it is not to be", codexErrorInfo }, 1]);
    expect(records).toStrictEqual(["seen AgentMessage", "assistant: So far.", "task_complete"]);
    await thread.runTurn("Again");
    expect(scene.provider.requests[1]?.input).toStrictEqual([toldUser("Go"), toldAgent("So far."), toldUser("Again")]);
  });

  it("because it was cut off fails the turn, and is counted", async () => {
    const output = [says("So f"), calls("never_run")];
    const { end, requests, records } = await turnOf({ output, incompleteReason: "max_output_tokens" });
    const message = "the answer was cut off: max_output_tokens";
    expect([end.error, requests]).toStrictEqual([{ message, codexErrorInfo: "other" }, 1]);
    expect(records).toStrictEqual([
      "seen AgentMessage",
      "assistant: So f",
      "function_call never_run",
      "token_usage_record",
      "token_count",
      "task_complete",
    ]);
  });
});

describe.each(HISTORY_MODES)("a key that the provider says again", (historyMode) => {
  it.each([
    ["a refusal", refusal(401, "invalid_api_key", `Incorrect API key provided: ${KEY}`)],
    ["an answer", { output: [], failure: { code: "invalid_prompt", message: `of ${KEY}` } }],
    ["a broken answer", { output: [], failure: { code: "server_error", message: `of ${KEY}` } }],
  ])(`in %s is neither told nor recorded in a ${historyMode} thread`, async (_name, answer) => {
    scene = await openAgentScene({ retriesMax: 1 });
    const { provider, manager, store } = scene;
    const thread = await manager.startThread({ historyMode });
    const events = new ToldEvents(thread);
    provider.answerNext(answer);
    provider.answerNext(answer);
    const end = await thread.runTurn("Go");
    expect([end.status, JSON.stringify(end).includes(KEY)]).toStrictEqual(["failed", false]);
    expect((await events.until("turnEnded")).join()).not.toContain(KEY);
    expect(await textOfThread(store, thread.threadId)).not.toContain(KEY);
  });
});

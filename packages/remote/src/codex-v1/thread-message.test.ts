import type { StoredThread } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import { SessionSourceKind } from "../gen/codex/thread_store/v1/thread_store_pb.js";
import { threadMessage } from "./thread-message.js";

const ID = "01900000-0000-7000-8000-000000000001";
const SOURCE_ID = "01900000-0000-7000-8000-000000000002";

const THREAD: StoredThread = {
  threadId: ID,
  revision: 3,
  historyMode: "legacy",
  sessionId: ID,
  preview: "Hello",
  modelProvider: "fake",
  createdAt: "2026-01-15T12:00:00.999Z",
  updatedAt: "2026-01-15T12:00:01.001Z",
  recencyAt: "2026-01-15T12:00:01.000Z",
  cwd: "/project",
  cliVersion: "1.0.0",
  source: "cli",
  approvalMode: null,
  sandboxPolicy: null,
};

const CREATED_AT = BigInt(Date.UTC(2026, 0, 15, 12) / 1_000);

const MESSAGE = {
  threadId: ID,
  preview: "Hello",
  modelProvider: "fake",
  cwd: "/project",
  cliVersion: "1.0.0",
  createdAt: CREATED_AT,
  updatedAt: CREATED_AT + 1n,
  source: { kind: SessionSourceKind.CLI },
  rolloutPath: `threadstore/${ID}`,
};

const TOTAL = {
  input_tokens: 5,
  cached_input_tokens: 0,
  output_tokens: 2,
  reasoning_output_tokens: 1,
  total_tokens: 7,
};

describe("threadMessage", () => {
  it("a thread has a path, times in whole seconds, and nothing that is not known", () => {
    expect(threadMessage(THREAD)).toStrictEqual(MESSAGE);
  });

  it("tells everything that there is a field for", () => {
    const gitInfo = { commitHash: "abc", branch: "main", repositoryUrl: "https://example.com" };
    const texts = {
      name: "Deploy",
      model: "gpt",
      agentNickname: "Aristotle",
      agentRole: "explorer",
      agentPath: "/agents/scout",
      firstUserMessage: "Hello there",
    };
    const known = { reasoningEffort: "high", threadSource: "user", forkedFromId: SOURCE_ID };
    const archivedAt = "2026-01-15T12:00:09.500Z";
    const thread = { ...THREAD, ...texts, ...known, archivedAt, gitInfo, approvalMode: "never" };
    expect(threadMessage(thread)).toStrictEqual({
      ...MESSAGE,
      ...texts,
      ...known,
      archivedAt: CREATED_AT + 9n,
      gitInfo: { sha: "abc", branch: "main", originUrl: "https://example.com" },
      approvalModeJson: '"never"',
    });
  });

  it("parts of git info that are not known are not sent", () => {
    expect(threadMessage({ ...THREAD, gitInfo: { branch: "main" } }).gitInfo).toStrictEqual({ branch: "main" });
  });

  it("items are sent when they are given, also when there are none", () => {
    expect(threadMessage(THREAD, ["{}"]).history).toStrictEqual({ threadId: ID, itemsJson: ["{}"] });
    expect(threadMessage(THREAD, []).history).toStrictEqual({ threadId: ID, itemsJson: [] });
  });

  it.each(["none", "minimal", "low", "medium", "high", "xhigh"])(
    "the reasoning effort %s is sent",
    (reasoningEffort) => {
      expect(threadMessage({ ...THREAD, reasoningEffort }).reasoningEffort).toBe(reasoningEffort);
    },
  );

  it.each(["", "ultra", "High"])("the reasoning effort %j is left out", (reasoningEffort) => {
    expect(threadMessage({ ...THREAD, reasoningEffort })).toStrictEqual(MESSAGE);
  });

  it.each(["user", "subagent", "memory_consolidation"])("the thread source %s is sent", (threadSource) => {
    expect(threadMessage({ ...THREAD, threadSource }).threadSource).toBe(threadSource);
  });

  it.each(["", "automation", "User"])("the thread source %j is left out", (threadSource) => {
    expect(threadMessage({ ...THREAD, threadSource })).toStrictEqual(MESSAGE);
  });

  it.each(["untrusted", "on-failure", "on-request", "never"])("the approval mode %s is sent", (approvalMode) => {
    expect(threadMessage({ ...THREAD, approvalMode }).approvalModeJson).toBe(JSON.stringify(approvalMode));
  });

  it.each([["granular"], [""], [7], [{ granular: { rules: true } }], [undefined]])(
    "the approval mode %j is left out",
    (approvalMode) => {
      expect(threadMessage({ ...THREAD, approvalMode })).toStrictEqual(MESSAGE);
    },
  );

  it.each([
    { type: "danger-full-access" },
    { type: "read-only" },
    { type: "external-sandbox", network_access: "enabled" },
    { type: "workspace-write", writable_roots: ["/project"], network_access: false },
    { type: "workspace-write" },
  ])("the sandbox policy %j is sent", (sandboxPolicy) => {
    expect(threadMessage({ ...THREAD, sandboxPolicy }).sandboxPolicyJson).toBe(JSON.stringify(sandboxPolicy));
  });

  it.each([
    ["read-only"],
    [7],
    [{}],
    [{ type: "cloud" }],
    [{ type: "workspace-write", writable_roots: "/project" }],
    [{ type: "workspace-write", writable_roots: ["/project", "relative"] }],
    [{ type: "workspace-write", writable_roots: [7] }],
  ])("the sandbox policy %j is left out", (sandboxPolicy) => {
    expect(threadMessage({ ...THREAD, sandboxPolicy })).toStrictEqual(MESSAGE);
  });

  it("of the token usage the total is sent", () => {
    const tokenUsage = { total_token_usage: TOTAL, last_token_usage: { total_tokens: 1 }, model_context_window: 9 };
    expect(threadMessage({ ...THREAD, tokenUsage }).tokenUsageJson).toBe(JSON.stringify(TOTAL));
  });

  it.each([
    [null],
    ["many"],
    [{}],
    [{ total_token_usage: null }],
    [{ total_token_usage: { total_tokens: 7 } }],
    [{ total_token_usage: { ...TOTAL, input_tokens: "5" } }],
    [{ total_token_usage: { ...TOTAL, output_tokens: 1.5 } }],
  ])("the token usage %j is left out", (tokenUsage) => {
    expect(threadMessage({ ...THREAD, tokenUsage })).toStrictEqual(MESSAGE);
  });
});

import { describe, expect, it } from "vitest";
import { type StoredItem, storedItem } from "../protocol/rollout-item.js";
import {
  bornFacts,
  factsOfItem,
  foldFacts,
  inheritedFacts,
  type MetadataFacts,
  previewFact,
  previewOf,
} from "./metadata.js";

const ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";
const OTHER_ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f709";
const TIME = "2026-11-20T10:51:48.248Z";
const SEEN = { firstItemAt: TIME, lastItemAt: TIME };

describe("a session_meta", () => {
  it("tells who started the thread, where and as what", () => {
    const payload = {
      session_id: "session",
      id: ID.toUpperCase(),
      forked_from_id: OTHER_ID,
      parent_thread_id: OTHER_ID,
      timestamp: "2026-11-20T12:51:48+02:00",
      attached_thread: true,
      cwd: "/project",
      originator: "codex_exec",
      cli_version: "0.169.0",
      source: { subagent: "review" },
      thread_source: "user",
      agent_nickname: "Aristotle",
      agent_role: "explorer",
      agent_path: "/agents/scout",
      model_provider: "openai",
      history_mode: "paginated",
      memory_mode: "disabled",
      git: { commit_hash: "c0ffee", branch: "main", repository_url: "https://example.test/r.git" },
      base_instructions: { text: "not metadata" },
    };
    expect(told({ type: "session_meta", payload })).toStrictEqual({
      meta: {
        sessionId: "session",
        createdAt: "2026-11-20T10:51:48.000Z",
        historyMode: "paginated",
        forkedFromId: OTHER_ID,
        parentThreadId: OTHER_ID,
        isAttached: true,
        cwd: "/project",
        originator: "codex_exec",
        cliVersion: "0.169.0",
        source: { subAgent: "review" },
        threadSource: "user",
        agentNickname: "Aristotle",
        agentRole: "explorer",
        agentPath: "/agents/scout",
        modelProvider: "openai",
      },
      memoryMode: "disabled",
      gitInfo: { commitHash: "c0ffee", branch: "main", repositoryUrl: "https://example.test/r.git" },
    });
  });

  it.each([{}, { id: ID, cwd: "", model_provider: "", timestamp: "yesterday", forked_from_id: "nope", git: null }])(
    "tells what is there: %j",
    (payload) => {
      expect(told({ type: "session_meta", payload })).toStrictEqual({
        meta: { historyMode: "legacy", source: "vscode" },
      });
    },
  );

  it("fields of another type are as good as absent", () => {
    const payload = {
      id: 7,
      session_id: 7,
      cwd: ["/"],
      attached_thread: "true",
      history_mode: 1,
      memory_mode: 0,
      git: "g",
    };
    expect(told({ type: "session_meta", payload })).toStrictEqual({
      meta: { historyMode: "legacy", source: "vscode" },
    });
  });

  it("of another thread tells nothing", () => {
    const payload = { id: OTHER_ID, cwd: "/elsewhere", memory_mode: "disabled", git: { branch: "b" } };
    expect(told({ type: "session_meta", payload })).toStrictEqual({});
  });

  it("agent_type is the older name of agent_role", () => {
    expect(told({ type: "session_meta", payload: { agent_type: "worker" } }).meta?.agentRole).toBe("worker");
  });

  it("that comes again changes what it says and keeps what it leaves out", () => {
    const first = { id: ID, cwd: "/a", cli_version: "1", git: { branch: "main", commit_hash: "c" }, timestamp: TIME };
    const again = { id: ID, cwd: "/b", memory_mode: "disabled", git: { branch: "other" } };
    const facts = foldFacts(
      [first, again].map((payload) => anItem({ type: "session_meta", payload })),
      ID,
    );
    expect(facts).toStrictEqual({
      ...SEEN,
      meta: { cwd: "/b", cliVersion: "1", createdAt: TIME, historyMode: "legacy", source: "vscode" },
      memoryMode: "disabled",
      gitInfo: { branch: "other" },
    });
  });
});

describe("settings", () => {
  it("a turn_context tells folder, model and permissions", () => {
    const payload = {
      cwd: "/project",
      model: "gpt",
      effort: "high",
      service_tier: "fast",
      approval_policy: "on-request",
      sandbox_policy: { mode: "read-only" },
      permission_profile: { type: "managed" },
    };
    expect(told({ type: "turn_context", payload })).toStrictEqual({
      contextCwd: "/project",
      model: { model: "gpt", reasoningEffort: "high", serviceTier: "fast" },
      approvalMode: "on-request",
      sandboxPolicy: { mode: "read-only" },
      permissionProfile: { type: "managed" },
    });
  });

  it("thread_settings_applied tells the same of what was set", () => {
    const thread_settings = {
      cwd: "/project",
      model: "gpt",
      reasoning_effort: "low",
      approval_policy: "never",
      sandbox_policy: { mode: "danger-full-access" },
      permission_profile: null,
    };
    expect(told(event("thread_settings_applied", { thread_settings }))).toStrictEqual({
      settingsCwd: "/project",
      model: { model: "gpt", reasoningEffort: "low" },
      approvalMode: "never",
      sandboxPolicy: { mode: "danger-full-access" },
    });
    expect(told(event("thread_settings_applied", {}))).toStrictEqual({});
  });

  it("a model without an effort takes the earlier effort away; an effort without a model tells nothing", () => {
    const contexts = [{ model: "a", effort: "high" }, { model: "b" }, { effort: "low" }];
    const facts = foldFacts(
      contexts.map((payload) => anItem({ type: "turn_context", payload })),
      ID,
    );
    expect(facts.model).toStrictEqual({ model: "b" });
  });

  it("null and absent settings keep the earlier ones; the first folder and the last permissions count", () => {
    const contexts = [
      { cwd: "/first", approval_policy: "never", sandbox_policy: "s1", permission_profile: "p1" },
      { cwd: "/second", approval_policy: null, sandbox_policy: "s2" },
    ];
    expect(
      foldFacts(
        contexts.map((payload) => anItem({ type: "turn_context", payload })),
        ID,
      ),
    ).toStrictEqual({
      ...SEEN,
      contextCwd: "/first",
      approvalMode: "never",
      sandboxPolicy: "s2",
      permissionProfile: "p1",
    });
  });
});

describe("the first user message", () => {
  const textOf = (fields: object) => told(event("user_message", fields)).firstUserMessage;

  it.each([
    [{ message: "  hello \n" }, "hello"],
    [{ message: "# Context\n## My request for Codex:\n  do it " }, "do it"],
    [{ message: "", images: ["data:"] }, "[Image]"],
    [{ message: " ", local_images: ["/a.png"] }, "[Image]"],
    [{ images: ["data:"] }, "[Image]"],
    [{ message: "look", images: ["data:"] }, "look"],
  ])("of user_message %j is %j", (fields, text) => {
    expect(textOf(fields)).toStrictEqual({ text, ordinal: 7 });
  });

  it.each([{ message: " \n" }, { message: "", images: [], local_images: null }, {}, { message: 5 }])(
    "is none of user_message %j",
    (fields) => {
      expect(textOf(fields)).toBeUndefined();
    },
  );

  it.each([
    [
      [
        { type: "text", text: "one" },
        { type: "text", text: "two" },
      ],
      "one\ntwo",
    ],
    [
      [
        { type: "text", text: "see" },
        { type: "local_image", path: "/a.png" },
      ],
      "see",
    ],
    [[{ type: "image", url: "data:" }], "[Image]"],
    [[{ type: "localImage", path: "/a.png" }], "[Image]"],
    [[{ type: "text", text: "x ## My request for Codex: this" }], "this"],
  ])("of a completed UserMessage %j is %j", (content, text) => {
    const item = { type: "UserMessage", content };
    expect(told(event("item_completed", { item }))).toStrictEqual({ firstUserMessage: { text, ordinal: 7 } });
  });

  it.each([
    { type: "AgentMessage", content: [{ type: "Text", text: "no" }] },
    { type: "UserMessage", content: [] },
    { type: "UserMessage", content: [null, "text", { type: "skill", text: "no" }, { type: "text" }] },
    { type: "UserMessage" },
    null,
  ])("is none of a completed %j", (item) => {
    expect(told(event("item_completed", { item }))).toStrictEqual({});
  });

  it("stays the first", () => {
    const items = ["one", "two"].map((message, ordinal) => anItem(event("user_message", { message }), ordinal));
    expect(foldFacts(items, ID).firstUserMessage).toStrictEqual({ text: "one", ordinal: 0 });
  });
});

describe("events", () => {
  it("token_count tells the usage when it has one", () => {
    const info = { total_token_usage: { total_tokens: 5 } };
    expect(told(event("token_count", { info }))).toStrictEqual({ tokenUsage: info });
    expect(told(event("token_count", { info: null }))).toStrictEqual({});
    expect(told(event("token_count", {}))).toStrictEqual({});
  });

  it.each(["task_started", "turn_started"])("%s tells when the last turn began", (name) => {
    expect(told(event(name, { turn_id: "t" }))).toStrictEqual({ lastTurnStartedAt: TIME });
  });

  it("thread_goal_updated tells the objective", () => {
    const goal = (objective: unknown) => told(event("thread_goal_updated", { goal: { objective } }));
    expect(goal("  win \n")).toStrictEqual({ firstGoal: { text: "win", ordinal: 7 } });
    expect([goal(" "), goal(null), told(event("thread_goal_updated", {}))]).toStrictEqual([{}, {}, {}]);
  });

  it("the first goal stays the first", () => {
    const goals = ["one", "two"].map((objective) => event("thread_goal_updated", { goal: { objective } }));
    const facts = foldFacts(
      goals.map((goal, ordinal) => anItem(goal, ordinal)),
      ID,
    );
    expect(facts.firstGoal).toStrictEqual({ text: "one", ordinal: 0 });
  });

  it("thread_name_updated tells the name, or that it was taken away", () => {
    expect(told(event("thread_name_updated", { thread_name: " name " }))).toStrictEqual({ recordedName: " name " });
    expect(told(event("thread_name_updated", { thread_name: null }))).toStrictEqual({ recordedName: "" });
  });

  it("items of other kinds and names tell when there were items, nothing else", () => {
    const message = { type: "message", role: "user", content: [{ type: "input_text", text: "hello" }] };
    const others = [
      { type: "response_item", payload: message },
      { type: "compacted", payload: { message: "summary", cwd: "/a", model: "m" } },
      { type: "a_kind_of_the_future", payload: { type: "user_message", message: "no" } },
      event("agent_message", { message: "no" }),
      event("constructor", {}),
      { type: "event_msg", payload: null },
      { type: "event_msg", payload: ["user_message"] },
      { type: "turn_context", payload: "text" },
    ];
    expect(others.map(told)).toStrictEqual(others.map(() => ({})));
  });
});

describe("what a thread begins with", () => {
  it("a prefix hands on its conversation and settings, not its owner, its name, its git or its times", () => {
    const prefix: Required<MetadataFacts> = {
      meta: { historyMode: "legacy", source: "cli" },
      firstUserMessage: { text: "hello", ordinal: 1 },
      firstGoal: { text: "win", ordinal: 2 },
      contextCwd: "/context",
      firstItemAt: TIME,
      settingsCwd: "/settings",
      model: { model: "gpt" },
      approvalMode: "never",
      sandboxPolicy: "s",
      permissionProfile: "p",
      tokenUsage: { total: 1 },
      memoryMode: "disabled",
      gitInfo: { branch: "main" },
      recordedName: "name",
      lastTurnStartedAt: TIME,
      lastItemAt: TIME,
    };
    expect(inheritedFacts(prefix)).toStrictEqual({
      firstUserMessage: { text: "hello", ordinal: 1 },
      firstGoal: { text: "win", ordinal: 2 },
      contextCwd: "/context",
      settingsCwd: "/settings",
      model: { model: "gpt" },
      approvalMode: "never",
      sandboxPolicy: "s",
      permissionProfile: "p",
      tokenUsage: { total: 1 },
    });
  });

  it("a thread is born with its settings", () => {
    const born = { originator: "o", cliVersion: "1", source: "cli", modelProvider: "p" } as const;
    expect(bornFacts(born)).toStrictEqual({});
    expect(
      bornFacts({
        ...born,
        model: "gpt",
        reasoningEffort: "high",
        serviceTier: "fast",
        approvalMode: "never",
        sandboxPolicy: null,
        permissionProfile: { type: "managed" },
        memoryMode: "disabled",
      }),
    ).toStrictEqual({
      model: { model: "gpt", reasoningEffort: "high", serviceTier: "fast" },
      approvalMode: "never",
      permissionProfile: { type: "managed" },
      memoryMode: "disabled",
    });
  });
});

describe("previews", () => {
  it("have at most 1,000 code points, the ellipsis included", () => {
    const cut = (text: string) => previewOf(text);
    expect(cut("x".repeat(1_000))).toBe("x".repeat(1_000));
    expect(cut("x".repeat(1_001))).toBe(`${"x".repeat(999)}…`);
    expect(cut("😀".repeat(1_000))).toBe("😀".repeat(1_000));
    expect(cut("😀".repeat(1_001))).toBe(`${"😀".repeat(999)}…`);
    expect(cut(`${"x".repeat(999)}${"😀".repeat(9)}`)).toBe(`${"x".repeat(999)}…`);
  });

  it("show the first of the first user message and the first goal", () => {
    const [early, late] = [
      { text: "early", ordinal: 1 },
      { text: "late", ordinal: 2 },
    ];
    expect(previewFact({ firstUserMessage: early, firstGoal: late })).toBe("early");
    expect(previewFact({ firstUserMessage: late, firstGoal: early })).toBe("early");
    expect(previewFact({ firstUserMessage: late })).toBe("late");
    expect(previewFact({ firstGoal: late })).toBe("late");
    expect(previewFact({})).toBe("");
  });
});

interface Item {
  readonly type: string;
  readonly payload: unknown;
}

function event(type: string, fields: object): Item {
  return { type: "event_msg", payload: { type, ...fields } };
}

function anItem(item: Item, ordinal = 7): StoredItem {
  return storedItem({ ordinal, timestamp: TIME, json: JSON.stringify(item) });
}

/** What an item tells beside its time. */
function told(item: Item): MetadataFacts {
  const { firstItemAt, lastItemAt, ...facts } = factsOfItem(anItem(item), ID);
  expect({ firstItemAt, lastItemAt }).toStrictEqual(SEEN);
  return facts;
}

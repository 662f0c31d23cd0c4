import { describe, expect, it } from "vitest";
import {
  agentMessage,
  COMPACTED,
  event,
  type Fields,
  goal,
  imageMessage,
  recorded,
  sessionMeta,
  settings,
  tokenCount,
  turnContext,
  userMessage,
  userTurnItem,
} from "../../test/support/rollout-items.js";
import type { RolloutItem } from "../protocol/rollout-item.js";
import type { ThreadMetadataPatch } from "../store/metadata-patch.js";
import {
  NOTHING_SEEN,
  type ObserverState,
  observeCreation,
  observeHistory,
  observeItem,
} from "./thread-metadata-observer.js";

const ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";
const OTHER_ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f709";
const NOW = "2026-11-20T12:00:00.000Z";
const BORN_AT = "2026-11-20T10:00:00.000Z";
const RECORDED_AT = "2026-11-20T11:00:00.000Z";
const BIRTH = { originator: "test", cliVersion: "1", source: "cli", modelProvider: "p" } as const;
const ALL_SEEN = Object.fromEntries(Object.keys(NOTHING_SEEN).map((fact) => [fact, true])) as unknown as ObserverState;
const SPAWN = {
  thread_spawn: { parent_thread_id: OTHER_ID, agent_nickname: "nick", agent_type: "role", agent_path: "/a" },
};

describe("observeCreation", () => {
  it("a thread is created and updated now, by its source and provider", () => {
    expect(observeCreation(BIRTH, NOW)).toStrictEqual({
      state: NOTHING_SEEN,
      patch: { modelProvider: "p", source: "cli", cliVersion: "1", createdAt: NOW, updatedAt: NOW },
    });
  });

  it("tells every field that a thread can be born with", () => {
    const told: ThreadMetadataPatch = {
      cwd: "/work",
      source: { custom: "robot" },
      threadSource: "user",
      cliVersion: "1",
      modelProvider: "p",
      model: "m",
      serviceTier: "fast",
      reasoningEffort: "high",
      approvalMode: "never",
      sandboxPolicy: { type: "read-only" },
      permissionProfile: { type: "managed" },
      gitInfo: { commitHash: "c", branch: "b", repositoryUrl: "u" },
      memoryMode: "disabled",
      agentNickname: "nick",
      agentRole: "role",
      agentPath: "/a",
    };
    const { patch } = observeCreation({ ...BIRTH, ...(told as typeof BIRTH), baseInstructions: null }, NOW);
    expect(patch).toStrictEqual({ ...told, createdAt: NOW, updatedAt: NOW });
  });

  it("agent fields come from the spawn of the source unless the birth gives its own", () => {
    const spawned = { ...BIRTH, source: { subAgent: SPAWN } };
    const agentOf = ({ agentNickname, agentRole, agentPath }: ThreadMetadataPatch) => [
      agentNickname,
      agentRole,
      agentPath,
    ];
    expect(agentOf(observeCreation(spawned, NOW).patch)).toStrictEqual(["nick", "role", "/a"]);
    const own = { ...spawned, agentNickname: "own", agentRole: "mine" };
    expect(agentOf(observeCreation(own, NOW).patch)).toStrictEqual(["own", "mine", "/a"]);
  });

  it.each([
    ["/work", true],
    ["", false],
  ])("a folder %j is seen: %s", (cwd, hasCwd) => {
    expect(observeCreation({ ...BIRTH, cwd }, NOW).state).toStrictEqual({ ...NOTHING_SEEN, hasCwd });
  });

  it("an effort and a tier without a model tell nothing, as in a store that folds", () => {
    const { patch } = observeCreation({ ...BIRTH, reasoningEffort: "high", serviceTier: "fast" }, NOW);
    expect(patch).toStrictEqual(observeCreation(BIRTH, NOW).patch);
  });
});

describe("observeItem", () => {
  const settingsFields = { approval_policy: "never", sandbox_policy: { type: "x" }, permission_profile: ["y"] };
  const toldSettings = { approvalMode: "never", sandboxPolicy: { type: "x" }, permissionProfile: ["y"] };
  const noModel = { reasoningEffort: null, serviceTier: null };

  it.each<[what: string, item: RolloutItem, told: ThreadMetadataPatch]>([
    ["a user message", userMessage("hello"), { preview: "hello", firstUserMessage: "hello", title: "hello" }],
    [
      "a completed user message",
      userTurnItem(" hello "),
      { preview: "hello", firstUserMessage: "hello", title: "hello" },
    ],
    ["an empty user message", userMessage(" \n"), {}],
    ["a message of images", imageMessage(), { preview: "[Image]", firstUserMessage: "[Image]" }],
    ["a goal", goal(" win "), { preview: "win" }],
    ["an empty goal", goal(" "), {}],
    ["a token count", tokenCount({ total: 5 }), { tokenUsage: { total: 5 } }],
    ["a token count without one", tokenCount(null), {}],
    ["a turn's start", event("task_started"), { advanceRecencyAt: NOW }],
    ["a turn's start by its other name", event("turn_started"), { advanceRecencyAt: NOW }],
    ["a turn's end", event("task_complete"), {}],
    ["an answer", agentMessage("done"), {}],
    ["a compaction", COMPACTED, {}],
    ["a model's own item", { type: "response_item", payload: { type: "message" } }, {}],
    ["an unknown event", event("of_tomorrow", { model: "m" }), {}],
    ["an item of an unknown kind", { type: "of_tomorrow", payload: 7 }, {}],
    [
      "a turn's context",
      turnContext({ cwd: "/turn", model: "m", effort: "low", ...settingsFields }),
      { cwd: "/turn", model: "m", reasoningEffort: "low", serviceTier: null, ...toldSettings },
    ],
    [
      "settings",
      settings({ cwd: "/set", model: "m", reasoning_effort: "low", service_tier: "fast", ...settingsFields }),
      { cwd: "/set", model: "m", reasoningEffort: "low", serviceTier: "fast", ...toldSettings },
    ],
    ["settings of a model alone", settings({ model: "m" }), { model: "m", ...noModel }],
    ["settings without a model", settings({ reasoning_effort: "low", ...settingsFields }), toldSettings],
    ["a session_meta of another thread", sessionMeta({ id: OTHER_ID, cwd: "/other", source: "exec" }), {}],
  ])("%s tells what it holds", (_what, item, told) => {
    expect(observed(NOTHING_SEEN, item).patch).toStrictEqual(told);
  });

  it("the thread's own session_meta tells its source, time, folder, agent, git and memory", () => {
    const meta = {
      id: ID,
      timestamp: BORN_AT,
      cwd: "/meta",
      source: "exec",
      thread_source: "user",
      cli_version: "2",
      model_provider: "q",
      agent_nickname: "nick",
      agent_role: "role",
      agent_path: "/a",
      memory_mode: "disabled",
      git: { commit_hash: "c", branch: "b", repository_url: "u" },
    };
    expect(observed(NOTHING_SEEN, sessionMeta(meta))).toStrictEqual({
      state: { ...NOTHING_SEEN, hasCwd: true },
      patch: {
        createdAt: BORN_AT,
        cwd: "/meta",
        source: "exec",
        threadSource: "user",
        cliVersion: "2",
        modelProvider: "q",
        agentNickname: "nick",
        agentRole: "role",
        agentPath: "/a",
        memoryMode: "disabled",
        gitInfo: { commitHash: "c", branch: "b", repositoryUrl: "u" },
      },
    });
  });

  it("a session_meta that names only its thread tells the default source", () => {
    expect(observed(NOTHING_SEEN, sessionMeta({ id: ID, memory_mode: "polluted" })).patch).toStrictEqual({
      source: "vscode",
    });
  });

  it("what the first item decides is told once", () => {
    const later = [
      userMessage("later"),
      userTurnItem("later"),
      imageMessage(),
      goal("later"),
      turnContext({ cwd: "/l" }),
    ];
    expect(later.map((item) => observed(ALL_SEEN, item))).toStrictEqual(
      later.map(() => ({ state: ALL_SEEN, patch: {} })),
    );
  });

  it("a goal sets a preview and overrides none", () => {
    expect(patchesOf([goal("goal"), goal("other"), userMessage("message")])).toStrictEqual([
      { preview: "goal" },
      {},
      { firstUserMessage: "message", title: "message" },
    ]);
    expect(patchesOf([userMessage("message"), goal("goal")]).at(-1)).toStrictEqual({});
  });

  it("the first message with words is the title when images came first", () => {
    expect(patchesOf([imageMessage(), userMessage("words"), userMessage("more")])).toStrictEqual([
      { preview: "[Image]", firstUserMessage: "[Image]" },
      { title: "words" },
      {},
    ]);
  });

  it("the folder of settings replaces any other, that of a turn only none", () => {
    expect(patchesOf([turnContext({ cwd: "/1" }), turnContext({ cwd: "/2" }), settings({ cwd: "/3" })])).toStrictEqual([
      { cwd: "/1" },
      {},
      { cwd: "/3" },
    ]);
  });

  it("the folder of settings outlasts a later session_meta, as in a store that folds", () => {
    const told = patchesOf([settings({ cwd: "/set" }), sessionMeta({ id: ID, cwd: "/meta" })]);
    expect(told).toStrictEqual([{ cwd: "/set" }, { source: "vscode" }]);
  });

  it("texts are cut as previews are", () => {
    const text = `${"a".repeat(999)}…`;
    expect(observed(NOTHING_SEEN, userMessage("a".repeat(1_001))).patch).toStrictEqual({
      preview: text,
      firstUserMessage: text,
      title: text,
    });
  });
});

describe("observeHistory", () => {
  it("no items tell nothing", () => {
    expect(observeHistory([], ID)).toStrictEqual({ state: NOTHING_SEEN, patch: {} });
  });

  it("tells what the items tell without a time of update", () => {
    const meta = { id: ID, timestamp: BORN_AT, source: "cli", model_provider: "p", memory_mode: "disabled" };
    const items = [
      sessionMeta({ ...meta, git: { branch: "b" } }),
      event("task_started"),
      userMessage("hello"),
      turnContext({ cwd: "/turn", model: "m1", effort: "high" }),
      settings({ cwd: "/set", model: "m2" }),
      tokenCount({ total: 1 }),
      tokenCount({ total: 2 }),
      userMessage("later"),
    ];
    expect(observeHistory(recorded(items, RECORDED_AT), ID)).toStrictEqual({
      state: ALL_SEEN,
      patch: {
        createdAt: BORN_AT,
        source: "cli",
        modelProvider: "p",
        gitInfo: { branch: "b" },
        memoryMode: "disabled",
        advanceRecencyAt: RECORDED_AT,
        preview: "hello",
        firstUserMessage: "hello",
        title: "hello",
        cwd: "/set",
        model: "m2",
        reasoningEffort: null,
        serviceTier: null,
        tokenUsage: { total: 2 },
      },
    });
  });

  it("of a spawned thread tells the agent of its source unless a session_meta names its own", () => {
    const own = { agent_nickname: "own" };
    const metas = [{}, own, {}].map((fields) => sessionMeta({ id: ID, source: { subagent: SPAWN }, ...fields }));
    const told = { source: { subAgent: SPAWN }, agentNickname: "nick", agentRole: "role", agentPath: "/a" };
    expect(observeHistory(recorded(metas.slice(0, 1), RECORDED_AT), ID).patch).toStrictEqual(told);
    expect(observeHistory(recorded(metas, RECORDED_AT), ID).patch).toStrictEqual({ ...told, agentNickname: "own" });
  });

  it("what was seen in a history is not told again", () => {
    const { state } = observeHistory(recorded([userMessage("hello"), turnContext({ cwd: "/" })], RECORDED_AT), ID);
    expect(patchesOf([userMessage("later"), turnContext({ cwd: "/l" })], state)).toStrictEqual([{}, {}]);
  });
});

function observed(state: ObserverState, item: RolloutItem) {
  return observeItem(state, { item, ordinal: 1, timestamp: RECORDED_AT }, { threadId: ID, now: NOW });
}

/** What each of some items tells after those before it. */
function patchesOf(items: readonly RolloutItem[], from: ObserverState = NOTHING_SEEN): Fields[] {
  let state = from;
  return items.map((item) => {
    const observation = observed(state, item);
    state = observation.state;
    return observation.patch as Fields;
  });
}

import { describe, expect, it } from "vitest";
import type { ThreadMetadataPatch } from "../store/metadata-patch.js";
import type { StoredThread } from "../store/records.js";
import type { MetadataFacts } from "./metadata.js";
import { patchedTitle, type SummarySources, summarizeThread } from "./summary.js";

const ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";
const PARENT = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f709";
const SOURCE_THREAD = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f70a";
const [FIRST, SECOND, THIRD, FOURTH] = [1, 2, 3, 4].map((day) => `2026-01-0${day}T00:00:00.000Z`) as [
  string,
  string,
  string,
  string,
];

/** A thread of which nothing is known. */
const BLANK: StoredThread = {
  threadId: ID,
  revision: 0,
  historyMode: "legacy",
  sessionId: ID,
  preview: "",
  modelProvider: "",
  createdAt: "1970-01-01T00:00:00.000Z",
  updatedAt: "1970-01-01T00:00:00.000Z",
  recencyAt: "1970-01-01T00:00:00.000Z",
  cwd: "",
  cliVersion: "",
  source: "unknown",
  approvalMode: null,
  sandboxPolicy: null,
};

const FACTS: MetadataFacts = {
  meta: {
    sessionId: "session",
    createdAt: FIRST,
    historyMode: "paginated",
    forkedFromId: SOURCE_THREAD,
    parentThreadId: PARENT,
    cwd: "/meta",
    originator: "codex_exec",
    cliVersion: "0.169.0",
    source: "exec",
    threadSource: "user",
    agentNickname: "Aristotle",
    agentRole: "explorer",
    agentPath: "/agents/scout",
    modelProvider: "openai",
  },
  firstUserMessage: { text: "hello", ordinal: 3 },
  firstGoal: { text: "win", ordinal: 4 },
  contextCwd: "/context",
  firstItemAt: SECOND,
  model: { model: "gpt", reasoningEffort: "high", serviceTier: "fast" },
  approvalMode: "never",
  sandboxPolicy: { mode: "read-only" },
  permissionProfile: { type: "managed" },
  tokenUsage: { total: 1 },
  memoryMode: "disabled",
  gitInfo: { branch: "main", commitHash: "c" },
  recordedName: "name",
  lastTurnStartedAt: THIRD,
  lastItemAt: FOURTH,
};

const TOLD: StoredThread = {
  threadId: ID,
  revision: 0,
  historyMode: "paginated",
  sessionId: "session",
  forkedFromId: SOURCE_THREAD,
  parentThreadId: PARENT,
  preview: "hello",
  firstUserMessage: "hello",
  name: "name",
  modelProvider: "openai",
  model: "gpt",
  serviceTier: "fast",
  reasoningEffort: "high",
  createdAt: FIRST,
  updatedAt: FOURTH,
  recencyAt: THIRD,
  cwd: "/meta",
  cliVersion: "0.169.0",
  originator: "codex_exec",
  source: "exec",
  threadSource: "user",
  agentNickname: "Aristotle",
  agentRole: "explorer",
  agentPath: "/agents/scout",
  gitInfo: { branch: "main", commitHash: "c" },
  approvalMode: "never",
  sandboxPolicy: { mode: "read-only" },
  permissionProfile: { type: "managed" },
  tokenUsage: { total: 1 },
  memoryMode: "disabled",
};

describe("what the items tell", () => {
  it("nothing: every field has its default or is absent", () => {
    expect(summarize({})).toStrictEqual(BLANK);
  });

  it("everything", () => {
    expect(summarize({ facts: FACTS })).toStrictEqual(TOLD);
  });

  it("the folder of the last settings, else of the session_meta, else of the first turn", () => {
    const { meta, ...rest } = FACTS;
    const { cwd: _cwd, ...metaWithoutCwd } = { ...meta, historyMode: "paginated", source: "exec" } as const;
    expect(summarize({ facts: { ...FACTS, settingsCwd: "/settings" } }).cwd).toBe("/settings");
    expect(summarize({ facts: FACTS }).cwd).toBe("/meta");
    expect(summarize({ facts: { ...rest, meta: metaWithoutCwd } }).cwd).toBe("/context");
  });

  it("creation is the session_meta's time, else the first item's, else the last change", () => {
    const times = ({ createdAt, updatedAt, recencyAt }: StoredThread) => [createdAt, updatedAt, recencyAt];
    const facts = { firstItemAt: SECOND, lastItemAt: THIRD };
    expect(times(summarize({ facts }))).toStrictEqual([SECOND, THIRD, SECOND]);
    expect(times(summarize({ facts, updatedAt: FOURTH }))).toStrictEqual([SECOND, FOURTH, SECOND]);
    expect(times(summarize({ facts: {}, updatedAt: FOURTH }))).toStrictEqual([FOURTH, FOURTH, FOURTH]);
    expect(
      times(summarize({ facts: { ...facts, meta: { createdAt: FIRST, historyMode: "legacy", source: "cli" } } })),
    ).toStrictEqual([FIRST, THIRD, FIRST]);
  });

  it("a spawned agent is who its source says, where its session_meta says nothing", () => {
    const spawn = { parent_thread_id: PARENT, agent_path: "/p", agent_nickname: "n", agent_role: "r" };
    const source = { subAgent: { thread_spawn: spawn } };
    expect(summarize({ facts: { meta: { historyMode: "legacy", source } } })).toStrictEqual({
      ...BLANK,
      source,
      parentThreadId: PARENT,
      agentPath: "/p",
      agentNickname: "n",
      agentRole: "r",
    });
    const named = summarize({ facts: { meta: { historyMode: "legacy", source, agentNickname: "own" } } });
    expect(named.agentNickname).toBe("own");
  });

  it("a recorded edge names the parent before the items do", () => {
    expect(summarize({ facts: FACTS, parentThreadId: SOURCE_THREAD }).parentThreadId).toBe(SOURCE_THREAD);
  });

  it("git without any field is none", () => {
    expect(summarize({ facts: { gitInfo: {} } })).toStrictEqual(BLANK);
  });
});

describe("what stands beside the items", () => {
  it("is shown as it is, and wins over them", () => {
    const neighbour = { projectId: "p" };
    const beside = {
      revision: 3,
      updatedAt: THIRD,
      archivedAt: FOURTH,
      name: "outside",
      gitInfo: { branch: "edited" },
      memoryMode: "polluted",
      neighbour,
      rolloutPath: "/home/sessions/rollout.jsonl",
      isPartial: true,
    };
    expect(summarize({ facts: FACTS, ...beside })).toStrictEqual({
      ...TOLD,
      revision: 3,
      updatedAt: THIRD,
      archivedAt: FOURTH,
      name: "outside",
      gitInfo: { branch: "edited" },
      memoryMode: "polluted",
      neighbour,
      rolloutPath: "/home/sessions/rollout.jsonl",
      partial: true,
    });
  });

  it("a name that was taken away outside hides the recorded one", () => {
    expect(summarize({ facts: FACTS, name: null }).name).toBeUndefined();
    expect(summarize({ facts: FACTS, name: " " }).name).toBeUndefined();
    expect(summarize({ facts: { ...FACTS, recordedName: "" } }).name).toBeUndefined();
  });

  it("in a legacy thread a name equal to the preview is none", () => {
    const nameOf = (historyMode: "legacy" | "paginated", name: string) =>
      summarize({
        name,
        facts: { meta: { historyMode, source: "cli" }, firstUserMessage: { text: "hello", ordinal: 1 } },
      }).name;
    expect(nameOf("legacy", " hello ")).toBeUndefined();
    expect(nameOf("legacy", "hello you")).toBe("hello you");
    expect(nameOf("paginated", "hello")).toBe("hello");
  });
});

describe("patches", () => {
  it("the empty one changes nothing", () => {
    expect(patched({})).toStrictEqual(TOLD);
  });

  it("what they set wins over what the items tell", () => {
    const patch = {
      name: "patched",
      preview: "p",
      firstUserMessage: "f",
      title: "not shown",
      modelProvider: "mp",
      model: "m",
      serviceTier: "st",
      reasoningEffort: "re",
      createdAt: SECOND,
      updatedAt: THIRD,
      source: "cli",
      threadSource: "ts",
      agentNickname: "an",
      agentRole: "ar",
      agentPath: "ap",
      cwd: "/patched",
      cliVersion: "2",
      approvalMode: "on-request",
      sandboxPolicy: "sp",
      permissionProfile: "pp",
      tokenUsage: "tu",
      memoryMode: "enabled",
      rolloutPath: "/r",
    } as const;
    const { title: _title, ...shown } = patch;
    expect(patched(patch)).toStrictEqual({ ...TOLD, ...shown });
  });

  it("what they clear is gone", () => {
    const { name, serviceTier, reasoningEffort, threadSource, agentNickname, agentRole, agentPath, gitInfo, ...rest } =
      TOLD;
    const { permissionProfile, tokenUsage, ...kept } = rest;
    expect(
      patched({
        name: null,
        serviceTier: null,
        reasoningEffort: null,
        threadSource: null,
        agentNickname: null,
        agentRole: null,
        agentPath: null,
        permissionProfile: null,
        tokenUsage: null,
        gitInfo: { branch: null, commitHash: null },
      }),
    ).toStrictEqual(kept);
  });

  it("approval mode and sandbox policy that are cleared show as those of a thread that never had any", () => {
    expect(patched({ approvalMode: null, sandboxPolicy: null })).toStrictEqual({
      ...TOLD,
      approvalMode: null,
      sandboxPolicy: null,
    });
  });

  it("git is set and cleared field by field", () => {
    expect(patched({ gitInfo: { commitHash: null, repositoryUrl: "u" } }).gitInfo).toStrictEqual({
      branch: "main",
      repositoryUrl: "u",
    });
    expect(patched({ gitInfo: {} })).toStrictEqual(TOLD);
  });

  it("recency moves forward only", () => {
    expect(patched({ advanceRecencyAt: FOURTH })).toStrictEqual({ ...TOLD, recencyAt: FOURTH });
    expect(patched({ advanceRecencyAt: SECOND })).toStrictEqual(TOLD);
  });

  it("previews, first messages and titles are cut to 1,000 characters", () => {
    const [long, cut] = ["x".repeat(1_001), `${"x".repeat(999)}…`];
    expect(patched({ preview: long, firstUserMessage: long })).toStrictEqual({
      ...TOLD,
      preview: cut,
      firstUserMessage: cut,
    });
    expect([undefined, {}, { title: "t" }, { title: long }].map(patchedTitle)).toStrictEqual([
      undefined,
      undefined,
      "t",
      cut,
    ]);
  });
});

function summarize(sources: Partial<SummarySources>): StoredThread {
  return summarizeThread({ threadId: ID, facts: {}, ...sources });
}

function patched(patch: ThreadMetadataPatch): StoredThread {
  return summarize({ facts: FACTS, patch });
}

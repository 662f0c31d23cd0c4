import { describe, expect, it } from "vitest";
import {
  readSessionSource,
  rolloutSpellingOf,
  type SessionSource,
  SOURCE_KINDS,
  sourceKindOf,
  sourceKindsMatching,
  threadSpawnOf,
} from "./session-source.js";

const PARENT = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";
const SPAWN = {
  parent_thread_id: PARENT,
  depth: 2,
  agent_path: "/agents/scout",
  agent_nickname: "Aristotle",
  agent_role: "explorer",
};

/** Every spelling, the source it stands for, how rollouts spell that, and its kind. */
const SPELLINGS: readonly (readonly [recorded: unknown, source: SessionSource, rollout: unknown, kind: string])[] = [
  ["cli", "cli", "cli", "cli"],
  ["vscode", "vscode", "vscode", "vscode"],
  ["exec", "exec", "exec", "exec"],
  ["mcp", "appServer", "mcp", "appServer"],
  ["appServer", "appServer", "mcp", "appServer"],
  ["app_server", "appServer", "mcp", "appServer"],
  ["app-server", "appServer", "mcp", "appServer"],
  ["unknown", "unknown", "unknown", "unknown"],
  [undefined, "vscode", "vscode", "vscode"],
  [null, "vscode", "vscode", "vscode"],
  [{ custom: "atlas" }, { custom: "atlas" }, { custom: "atlas" }, "custom"],
  [{ custom: "" }, { custom: "" }, { custom: "" }, "custom"],
  [{ subagent: "review" }, { subAgent: "review" }, { subagent: "review" }, "subAgentReview"],
  [{ subAgent: "review" }, { subAgent: "review" }, { subagent: "review" }, "subAgentReview"],
  [{ subagent: "compact" }, { subAgent: "compact" }, { subagent: "compact" }, "subAgentCompact"],
  [
    { subagent: "memory_consolidation" },
    { subAgent: "memory_consolidation" },
    { subagent: "memory_consolidation" },
    "subAgentOther",
  ],
  [
    { subagent: { other: "guardian" } },
    { subAgent: { other: "guardian" } },
    { subagent: { other: "guardian" } },
    "subAgentOther",
  ],
  [
    { subagent: { thread_spawn: SPAWN } },
    { subAgent: { thread_spawn: SPAWN } },
    { subagent: { thread_spawn: SPAWN } },
    "subAgentThreadSpawn",
  ],
  [
    { subAgent: { thread_spawn: SPAWN } },
    { subAgent: { thread_spawn: SPAWN } },
    { subagent: { thread_spawn: SPAWN } },
    "subAgentThreadSpawn",
  ],
];

describe("readSessionSource", () => {
  it.each(SPELLINGS)("reads %j", (recorded, source) => {
    expect(readSessionSource(recorded)).toStrictEqual(source);
  });

  it.each(SPELLINGS.filter(([recorded]) => typeof recorded === "object" && recorded !== null))(
    "reads the JSON text of %j",
    (recorded, source) => {
      expect(readSessionSource(JSON.stringify(recorded))).toStrictEqual(source);
    },
  );

  it.each([
    "",
    "CLI",
    "vs code",
    "toString",
    "__proto__",
    "{",
    "{}",
    '{"custom":5}',
    "[]",
    7,
    true,
    [],
    ["cli"],
    {},
    { custom: 5 },
    { subagent: null },
    { other: "cli" },
  ])("%j is unknown", (recorded) => {
    expect(readSessionSource(recorded)).toBe("unknown");
  });
});

describe("rolloutSpellingOf", () => {
  it.each(SPELLINGS)("spells what %j stands for as rollouts do", (_recorded, source, rollout) => {
    expect(rolloutSpellingOf(source)).toStrictEqual(rollout);
  });

  it.each(SPELLINGS)("the spelling of %j is read back", (_recorded, source) => {
    expect(readSessionSource(rolloutSpellingOf(source))).toStrictEqual(source);
    expect(readSessionSource(JSON.parse(JSON.stringify(rolloutSpellingOf(source))))).toStrictEqual(source);
  });
});

describe("sourceKindOf", () => {
  it.each(SPELLINGS)("tells the kind of %j", (_recorded, source, _rollout, kind) => {
    expect(sourceKindOf(source)).toBe(kind);
  });

  it("every kind but the general one is the kind of some source", () => {
    const kinds = new Set(SPELLINGS.map(([, , , kind]) => kind));
    expect(SOURCE_KINDS.filter((kind) => !kinds.has(kind))).toStrictEqual(["subAgent"]);
  });
});

describe("sourceKindsMatching", () => {
  it("subAgent stands for reviews and spawned agents, every other word for itself", () => {
    const matching = Object.fromEntries(SOURCE_KINDS.map((kind) => [kind, sourceKindsMatching(kind)]));
    const alone = Object.fromEntries(SOURCE_KINDS.map((kind) => [kind, [kind]]));
    expect(matching).toStrictEqual({ ...alone, subAgent: ["subAgentReview", "subAgentThreadSpawn"] });
  });
});

describe("threadSpawnOf", () => {
  it("reads who spawned a thread, as what, and how deep", () => {
    expect(threadSpawnOf({ subAgent: { thread_spawn: SPAWN } })).toStrictEqual({
      parentThreadId: PARENT,
      depth: 2,
      agentPath: "/agents/scout",
      agentNickname: "Aristotle",
      agentRole: "explorer",
    });
  });

  it("a parent is enough: the depth is 1, the agent has no name", () => {
    const spawn = { parent_thread_id: PARENT.toUpperCase(), depth: "deep", agent_path: null };
    expect(threadSpawnOf({ subAgent: { thread_spawn: spawn } })).toStrictEqual({ parentThreadId: PARENT, depth: 1 });
  });

  it("agent_type is the older name of agent_role", () => {
    const spawn = (fields: object) =>
      threadSpawnOf({ subAgent: { thread_spawn: { parent_thread_id: PARENT, ...fields } } });
    expect(spawn({ agent_type: "worker" })?.agentRole).toBe("worker");
    expect(spawn({ agent_type: "worker", agent_role: "explorer" })?.agentRole).toBe("explorer");
  });

  it.each<SessionSource>([
    "cli",
    "unknown",
    { custom: PARENT },
    { subAgent: "review" },
    { subAgent: null },
    { subAgent: { other: PARENT } },
    { subAgent: { thread_spawn: null } },
    { subAgent: { thread_spawn: {} } },
    { subAgent: { thread_spawn: { parent_thread_id: "nope" } } },
    { subAgent: { thread_spawn: { parent_thread_id: 7 } } },
  ])("%j is no spawn", (source) => {
    expect(threadSpawnOf(source)).toBeNull();
  });
});

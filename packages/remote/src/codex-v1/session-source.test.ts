import { create } from "@bufbuild/protobuf";
import type { SessionSource } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import { SessionSourceKind as Kind, SessionSourceSchema } from "../gen/codex/thread_store/v1/thread_store_pb.js";
import { readSource, sourceMessage } from "./session-source.js";

const PARENT = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";

const SPAWN = {
  parent_thread_id: PARENT,
  depth: 2,
  agent_path: "/agents/scout",
  agent_nickname: "Aristotle",
  agent_role: "explorer",
};

const SPAWN_MESSAGE = {
  kind: Kind.SUB_AGENT_THREAD_SPAWN,
  subAgentParentThreadId: PARENT,
  subAgentDepth: 2,
  subAgentPath: "/agents/scout",
  subAgentNickname: "Aristotle",
  subAgentRole: "explorer",
};

/** Every kind, as a store knows it and as it is sent. */
const SOURCES: readonly (readonly [source: SessionSource, message: Record<string, unknown>])[] = [
  ["unknown", { kind: Kind.UNKNOWN }],
  ["cli", { kind: Kind.CLI }],
  ["vscode", { kind: Kind.VSCODE }],
  ["exec", { kind: Kind.EXEC }],
  ["appServer", { kind: Kind.APP_SERVER }],
  [{ custom: "atlas" }, { kind: Kind.CUSTOM, custom: "atlas" }],
  [{ custom: "" }, { kind: Kind.CUSTOM, custom: "" }],
  [{ subAgent: "review" }, { kind: Kind.SUB_AGENT_REVIEW }],
  [{ subAgent: "compact" }, { kind: Kind.SUB_AGENT_COMPACT }],
  [{ subAgent: { thread_spawn: SPAWN } }, SPAWN_MESSAGE],
  [{ subAgent: "memory_consolidation" }, { kind: Kind.SUB_AGENT_MEMORY_CONSOLIDATION }],
  [{ subAgent: { other: "guardian" } }, { kind: Kind.SUB_AGENT_OTHER, subAgentOther: "guardian" }],
];

describe("readSource", () => {
  it.each(SOURCES)("reads %j", (source, message) => {
    expect(readSource(create(SessionSourceSchema, message))).toStrictEqual(source);
  });

  it("every kind of the wire is read", () => {
    expect(new Set(SOURCES.map(([, { kind }]) => kind))).toStrictEqual(new Set(Object.values(Kind)));
  });

  it("no source, and a kind of later times, are unknown", () => {
    expect(readSource(undefined)).toBe("unknown");
    expect(readSource(create(SessionSourceSchema, { kind: 77 as Kind }))).toBe("unknown");
  });

  it("a spawn that tells its parent alone has depth 1 and no names", () => {
    const message = { kind: Kind.SUB_AGENT_THREAD_SPAWN, subAgentParentThreadId: PARENT.toUpperCase() };
    const spawn = { parent_thread_id: PARENT, depth: 1, agent_path: null, agent_nickname: null, agent_role: null };
    expect(readSource(create(SessionSourceSchema, message))).toStrictEqual({ subAgent: { thread_spawn: spawn } });
  });
});

describe("sourceMessage", () => {
  it.each(SOURCES)("sends %j", (source, message) => {
    expect(sourceMessage(source)).toStrictEqual(message);
  });

  it("names that a spawn does not have are not sent", () => {
    const source = { subAgent: { thread_spawn: { parent_thread_id: PARENT, depth: 1, agent_role: null } } };
    const message = { kind: Kind.SUB_AGENT_THREAD_SPAWN, subAgentParentThreadId: PARENT, subAgentDepth: 1 };
    expect(sourceMessage(source)).toStrictEqual(message);
  });

  it.each<[SessionSource]>([
    [{ subAgent: { thread_spawn: {} } }],
    [{ subAgent: { thread_spawn: { parent_thread_id: "", depth: 1 } } }],
    [{ subAgent: { thread_spawn: { parent_thread_id: "no id", depth: 1 } } }],
    [{ subAgent: null }],
    [{ subAgent: 7 }],
    [{ subAgent: { other: 7 } }],
  ])("%j is sent as another sub-agent that is unknown", (source) => {
    expect(sourceMessage(source)).toStrictEqual({ kind: Kind.SUB_AGENT_OTHER, subAgentOther: "unknown" });
  });

  it("a sub-agent's word of later times is sent as it is", () => {
    const message = { kind: Kind.SUB_AGENT_OTHER, subAgentOther: "guardian" };
    expect(sourceMessage({ subAgent: "guardian" })).toStrictEqual(message);
  });

  it("a spawn that was read without a parent is sent as none", () => {
    const source = readSource(create(SessionSourceSchema, { kind: Kind.SUB_AGENT_THREAD_SPAWN }));
    expect(sourceMessage(source)).toStrictEqual({ kind: Kind.SUB_AGENT_OTHER, subAgentOther: "unknown" });
  });
});

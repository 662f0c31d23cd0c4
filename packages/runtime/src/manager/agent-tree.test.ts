import { expect, it } from "vitest";
import type { ThreadIdentity } from "../thread/thread-identity.js";
import { AgentTrees, agentPathOf } from "./agent-tree.js";
import { NICKNAMES } from "./nicknames.js";

const ROOT: ThreadIdentity = {
  threadId: "root",
  sessionId: "root",
  historyMode: "paginated",
  isEphemeral: false,
  modelProvider: "fake",
  depth: 0,
};

it("when all nicknames are taken they come again with a number", () => {
  const loaded = NICKNAMES.map((agentNickname) => ({ ...ROOT, threadId: agentNickname, depth: 1, agentNickname }));
  const trees = new AgentTrees({ spawnMaxDepth: 1, spawnMaxAgents: 100 }, () => loaded);
  expect([trees.reserve(ROOT).nickname, trees.reserve(ROOT).nickname]).toStrictEqual(["Nile 2", "Amazon 2"]);
});

it("trees do not count for one another", () => {
  const trees = new AgentTrees({ spawnMaxDepth: 1, spawnMaxAgents: 1 }, () => []);
  const other = { ...ROOT, threadId: "other", sessionId: "other" };
  expect([trees.reserve(ROOT).nickname, trees.reserve(other).nickname]).toStrictEqual(["Nile", "Nile"]);
  expect(() => trees.reserve(ROOT)).toThrow(expect.objectContaining({ code: "resource_exhausted" }));
});

it("a place that is given back can be had again", () => {
  const trees = new AgentTrees({ spawnMaxDepth: 1, spawnMaxAgents: 1 }, () => []);
  trees.reserve(ROOT).release();
  expect(trees.reserve(ROOT)).toMatchObject({ depth: 1, nickname: "Nile" });
});

it("an agent path is that of the parent and the name of the task", () => {
  expect(agentPathOf(ROOT, "a_b-1")).toBe("/root/a_b-1");
  expect(agentPathOf({ ...ROOT, agentPath: "/root/a" }, "b")).toBe("/root/a/b");
});

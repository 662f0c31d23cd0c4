import { expect, it } from "vitest";
import { newGate } from "../../../../test/support/gate.js";
import { openScene } from "../../test/support/runtime-scene.js";
import { echoAgent } from "../agent/scripted-agent.js";
import type { AgentThread } from "../thread/agent-thread.js";
import { ThreadRegistry } from "./thread-registry.js";

async function newThread(): Promise<AgentThread> {
  return openScene({ agent: echoAgent() }).manager.startThread({ isEphemeral: true });
}

it("a thread that many ask for at once is opened once", async () => {
  const registry = new ThreadRegistry();
  const gate = newGate();
  let opened = 0;
  const open = async () => {
    opened += 1;
    await gate.opened;
    return newThread();
  };
  const asked = [registry.open("a", open), registry.open("a", open), registry.opened("a")];
  gate.open();
  const [first, second, third] = await Promise.all(asked);
  expect([first === second, first === third, opened]).toStrictEqual([true, true, 1]);
});

it("a thread that is loaded is not opened, and once it is gone it is", async () => {
  const registry = new ThreadRegistry();
  const first = await registry.open("a", newThread);
  expect(await registry.open("a", newThread)).toBe(first);
  expect(registry.remove("a")).toBe(first);
  expect(await registry.open("a", newThread)).not.toBe(first);
});

it("a thread that could not be opened can be asked for again", async () => {
  const registry = new ThreadRegistry();
  const failed = registry.open("a", () => Promise.reject(new Error("no")));
  await expect(failed).rejects.toThrow("no");
  expect([registry.find("a"), await registry.opened("a")]).toStrictEqual([undefined, undefined]);
  expect(await registry.open("a", newThread)).toBeDefined();
});

it("a thread that is loaded or being opened cannot be added", async () => {
  const registry = new ThreadRegistry();
  const opening = registry.add("a", newThread);
  await expect(registry.add("a", newThread)).rejects.toMatchObject({ code: "conflict" });
  await opening;
  await expect(registry.add("a", newThread)).rejects.toMatchObject({ code: "conflict" });
});

it("only the thread that is meant is taken out", async () => {
  const registry = new ThreadRegistry();
  const thread = await registry.open("a", newThread);
  expect(registry.remove("a", await newThread())).toBeUndefined();
  expect(registry.remove("a", thread)).toBe(thread);
  expect([registry.remove("a"), registry.all()]).toStrictEqual([undefined, []]);
});

it("a thread that is not loaded is thread_not_found", () => {
  expect(() => new ThreadRegistry().get("a")).toThrow(expect.objectContaining({ code: "thread_not_found" }));
});

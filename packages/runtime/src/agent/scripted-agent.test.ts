import { describe, expect, it } from "vitest";
import { openScene, SETTINGS, text } from "../../test/support/runtime-scene.js";
import { recordsOf, toldOf } from "../../test/support/stored-records.js";
import { echoAgent, scriptedAgent } from "./scripted-agent.js";

describe("scriptedAgent", () => {
  it("plays one entry a turn, and fails the turn when none is left", async () => {
    const agent = scriptedAgent([
      [{ type: "message", id: "m1", text: "one" }],
      ({ input }) => [{ type: "message", id: "m2", text: `${input.length} part` }],
    ]);
    const thread = await openScene({ agent }).manager.startThread();
    const ends = [await thread.runTurn("a"), await thread.runTurn("b"), await thread.runTurn("c")];
    expect(ends.map(({ status, lastMessage, error }) => [status, lastMessage, error?.message])).toStrictEqual([
      ["completed", "one", undefined],
      ["completed", "1 part", undefined],
      ["failed", null, "the script has no turn 3"],
    ]);
  });
});

describe("echoAgent", () => {
  it("says again what the user says, and that there was a picture", async () => {
    const thread = await openScene({ agent: echoAgent() }).manager.startThread();
    const end = await thread.runTurn([...text("hello"), { type: "image", imageUrl: "data:," }]);
    expect(end).toMatchObject({ status: "completed", lastMessage: "hello\n[a picture]" });
  });

  it("compacts a thread to the last thing that was said", async () => {
    const { manager, store } = openScene({ agent: echoAgent() });
    const thread = await manager.startThread({ settings: SETTINGS });
    await thread.runTurn("hello");
    await thread.submit({ type: "compact" });
    expect(await thread.untilIdle()).toMatchObject({ status: "completed", lastMessage: null });
    expect(await toldOf(store, thread.threadId)).toStrictEqual(["assistant: hello"]);
    expect((await recordsOf(store, thread.threadId)).slice(-5)).toStrictEqual([
      "task_started",
      "compacted",
      "turn_context",
      "seen ContextCompaction",
      "task_complete",
    ]);
  });
});

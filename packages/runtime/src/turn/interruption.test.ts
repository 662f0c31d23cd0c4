import { LiveThread, openMemoryThreadStore, type ThreadStore } from "@threadstore/core";
import { beforeEach, describe, expect, it } from "vitest";
import { findUnfinishedTurn } from "./interruption.js";
import { eventItem } from "./turn-items.js";
import { TurnRecorder } from "./turn-recorder.js";

const ID = "01900000-0000-7000-8000-000000000001";
const METADATA = {
  cwd: "/project",
  originator: "test",
  cliVersion: "0",
  source: "cli",
  modelProvider: "fake",
} as const;

let store: ThreadStore;
let recorder: LiveThread;

beforeEach(async () => {
  store = openMemoryThreadStore();
  recorder = await LiveThread.create(store, { threadId: ID, metadata: METADATA });
});

async function startTurn(turnId: string, rootTurnId = turnId): Promise<TurnRecorder> {
  const settings = { cwd: "/project", model: "m" };
  const turn = new TurnRecorder({ recorder, historyMode: "paginated", settings, turnId, rootTurnId });
  await turn.start([{ type: "text", text: "go" }]);
  return turn;
}

describe("findUnfinishedTurn", () => {
  it("finds the last turn, with the turn of the user that it is a part of", async () => {
    await (await startTurn("turn-1")).complete();
    await startTurn("turn-2", "root-2");
    const found = await findUnfinishedTurn(store, { threadId: ID });
    expect(found).toStrictEqual({ turnId: "turn-2", rootTurnId: "root-2" });
  });

  it.each(["complete", "interrupt"] as const)("finds none after a %s", async (end) => {
    await (await startTurn("turn-1"))[end]();
    expect(await findUnfinishedTurn(store, { threadId: ID })).toBeNull();
  });

  it("finds none after a failure, whatever came since", async () => {
    const turn = await startTurn("turn-1");
    await turn.fail({ message: "no" });
    await turn.item({ type: "message", role: "user", content: [] });
    expect(await findUnfinishedTurn(store, { threadId: ID })).toBeNull();
  });

  it("knows the words of older recorders", async () => {
    await recorder.append([eventItem("turn_started", { turn_id: "old-1" })]);
    expect(await findUnfinishedTurn(store, { threadId: ID })).toStrictEqual({ turnId: "old-1", rootTurnId: "old-1" });
    await recorder.append([eventItem("turn_complete", { turn_id: "old-1" })]);
    expect(await findUnfinishedTurn(store, { threadId: ID })).toBeNull();
  });

  it("finds none in a thread that nobody worked in", async () => {
    await recorder.persist();
    expect(await findUnfinishedTurn(store, { threadId: ID })).toBeNull();
  });

  it("finds none in a thread that nothing was recorded of yet", async () => {
    expect(await findUnfinishedTurn(store, { threadId: ID })).toBeNull();
  });
});

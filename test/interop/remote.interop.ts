import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SOURCE_KINDS, type StoredThread, type ThreadStore } from "@threadstore/core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type FakeResponsesServer, startFakeResponsesServer } from "../support/fake-responses-server.js";
import { copyFixtureHome, type FixtureHome } from "../support/fixture-home.js";
import type { AppServerClient, JsonObject } from "./support/app-server-client.js";
import { ensureCodex } from "./support/codex-binary.js";
import { type CodexHome, createCodexHome } from "./support/codex-home.js";
import { makeCodexThread, readCodexMessages } from "./support/codex-threads.js";
import { RemoteScene } from "./support/remote-scene.js";

let command: string;
let provider: FakeResponsesServer;
let home: CodexHome;
let served: string;
let scene: RemoteScene;

beforeAll(async () => {
  command = await ensureCodex("0.129.0");
});

beforeEach(async () => {
  provider = await startFakeResponsesServer();
  home = await createCodexHome({ providerUrl: provider.url });
  served = mkdtempSync(join(tmpdir(), "threadstore-served-"));
  scene = new RemoteScene({ command, clientHome: home, served });
  await scene.startServer();
});

afterEach(async () => {
  await scene[Symbol.asyncDispose]();
  await provider.close();
  await home.remove();
  rmSync(served, { recursive: true });
});

describe("the real Codex 0.129.0 with its threads here", () => {
  it("makes a thread that is listed, read and shown on both sides", async () => {
    const client = await scene.startClient();
    const threadId = await makeCodexThread(client, { texts: ["one", "two"] });
    const { data } = await client.request("thread/list", {});
    expect(data.map(({ id, preview }: JsonObject) => [id, preview])).toEqual([[threadId, "one"]]);
    expect(await readCodexMessages(client, threadId)).toEqual(["one", "Answer to: one", "two", "Answer to: two"]);
    const ours = await scene.store.readThread({ threadId });
    expect(ours).toMatchObject({ preview: "one", cwd: home.workspace, modelProvider: "fake", model: "fake-model" });
    expect(scene.calls.filter(({ status }) => status !== 0)).toEqual([]);
  });

  it("runs a tool, and finds the whole turn again", async () => {
    const client = await scene.startClient();
    const { thread } = await client.request("thread/start", {});
    provider.answerNext([
      {
        type: "function_call",
        id: "fc_1",
        call_id: "call_1",
        name: "shell",
        arguments: '{"command":["echo","tool says"]}',
      },
    ]);
    expect((await client.runTurn(thread.id, "use a tool")).status).toBe("completed");
    await client.close();
    const another = await scene.startClient();
    expect(await readCodexMessages(another, thread.id)).toEqual(["use a tool", "Answer to: use a tool"]);
    const { items } = await scene.store.loadHistory({ threadId: thread.id });
    const kinds = items.map(({ item }) => (item.payload as JsonObject).type);
    expect(kinds).toEqual(expect.arrayContaining(["function_call", "function_call_output"]));
  });

  it("goes on in a thread that it loads again, and its history grows by what is said alone", async () => {
    const client = await scene.startClient();
    const threadId = await makeCodexThread(client, { texts: ["one"] });
    await client.close();
    const before = (await scene.store.loadHistory({ threadId })).items.length;
    for (let round = 0; round < 10; round++) {
      const resuming = await scene.startClient();
      await resumeTwice(resuming, threadId);
      await resuming.close();
    }
    expect((await scene.store.loadHistory({ threadId })).items.length).toBe(before);
    const last = await scene.startClient();
    await resumeTwice(last, threadId);
    expect((await last.runTurn(threadId, "two")).status).toBe("completed");
    expect(JSON.stringify(provider.requests.at(-1)?.input)).toContain("Answer to: one");
    expect(await readCodexMessages(last, threadId)).toEqual(["one", "Answer to: one", "two", "Answer to: two"]);
  });

  it("offers the tools of its client again in a thread that it loads again", async () => {
    const client = await scene.startClient();
    const schema = { type: "object", properties: { city: { type: "string" } } };
    const tool = { name: "weather", description: "Tells the weather", inputSchema: schema };
    const { thread } = await client.request("thread/start", { dynamicTools: [tool] });
    await client.runTurn(thread.id, "one");
    await client.close();
    const another = await scene.startClient();
    await resumeTwice(another, thread.id);
    await another.runTurn(thread.id, "two");
    const offered = provider.requests.map(({ tools }) => JSON.stringify(tools).includes('"weather"'));
    expect(offered).toEqual([true, true]);
  });

  it("names, describes, archives and brings back a thread", async () => {
    const client = await scene.startClient();
    const threadId = await makeCodexThread(client, { texts: ["one"] });
    await client.request("thread/name/set", { threadId, name: "A name" });
    await client.request("thread/metadata/update", { threadId, gitInfo: { branch: "main", sha: "abc" } });
    await client.request("thread/memoryMode/set", { threadId, mode: "disabled" });
    expect(await scene.store.readThread({ threadId })).toMatchObject({
      name: "A name",
      gitInfo: { branch: "main", commitHash: "abc" },
      memoryMode: "disabled",
    });
    await client.request("thread/archive", { threadId });
    expect((await client.request("thread/list", {})).data).toEqual([]);
    const archived = await client.request("thread/list", { archived: true });
    expect(archived.data.map(({ id, name }: JsonObject) => [id, name])).toEqual([[threadId, "A name"]]);
    await client.request("thread/unarchive", { threadId });
    expect((await client.request("thread/list", {})).data.length).toBe(1);
  });

  it("rolls back, compacts, injects, interrupts and forks", async () => {
    const client = await scene.startClient();
    const threadId = await makeCodexThread(client, { texts: ["one", "two"] });
    await client.request("thread/rollback", { threadId, numTurns: 1 });
    expect(await readCodexMessages(client, threadId)).toEqual(["one", "Answer to: one"]);
    const injected = { type: "message", role: "user", content: [{ type: "input_text", text: "injected" }] };
    await client.request("thread/inject_items", { threadId, items: [injected] });
    const held = provider.hold();
    const turnId = await client.startTurn(threadId, "never answered");
    await held;
    await client.request("turn/interrupt", { threadId, turnId });
    provider.release();
    await client.request("thread/compact/start", { threadId });
    await client.waitFor("turn/completed", ({ turn }) => turn.id !== turnId);
    const { thread: fork } = await client.request("thread/fork", { threadId });
    expect(await readCodexMessages(client, fork.id)).toContain("Answer to: one");
    const { items } = await scene.store.loadHistory({ threadId });
    const kinds = items.map(({ item }) => (item.payload as JsonObject).type ?? item.type);
    expect(kinds).toEqual(expect.arrayContaining(["thread_rolled_back", "turn_aborted", "compacted"]));
  });

  it("lists every page in both directions, with every filter", async () => {
    const client = await scene.startClient();
    const ids: string[] = [];
    for (const text of ["alpha", "beta", "gamma"]) ids.push(await makeCodexThread(client, { texts: [text] }));
    const newestFirst = [...ids].reverse();
    const list = async (params: JsonObject) => (await client.request("thread/list", params)) as JsonObject;
    const idsOf = ({ data }: JsonObject) => data.map(({ id }: JsonObject) => id);
    const first = await list({ limit: 2 });
    expect(idsOf(first)).toEqual(newestFirst.slice(0, 2));
    const second = await list({ limit: 2, cursor: first.nextCursor });
    expect([idsOf(second), second.nextCursor]).toEqual([newestFirst.slice(2), null]);
    expect(idsOf(await list({ sortKey: "updated_at", sortDirection: "asc" }))).toEqual(ids);
    expect(idsOf(await list({ searchTerm: "BETA" }))).toEqual([ids[1]]);
    expect(idsOf(await list({ cwd: home.workspace }))).toEqual(newestFirst);
    expect(idsOf(await list({ cwd: "/elsewhere" }))).toEqual([]);
    expect(idsOf(await list({ modelProviders: ["another"] }))).toEqual([]);
    expect(idsOf(await list({ sourceKinds: ["exec"] }))).toEqual([]);
    const back = await list({ sortDirection: "asc", cursor: second.backwardsCursor });
    expect(idsOf(back)).toEqual(expect.arrayContaining(ids.slice(1)));
  });

  it("loses nothing that was stored when it is killed, or the server is started again between turns", async () => {
    const client = await scene.startClient();
    const threadId = await makeCodexThread(client, { texts: ["one"] });
    await scene.stopServer();
    await scene.startServer();
    expect((await client.runTurn(threadId, "two")).status).toBe("completed");
    await client.kill();
    const another = await scene.startClient();
    await resumeTwice(another, threadId);
    expect((await another.runTurn(threadId, "three")).status).toBe("completed");
    const texts = ["one", "two", "three"].flatMap((text) => [text, `Answer to: ${text}`]);
    expect(await readCodexMessages(another, threadId)).toEqual(texts);
  });
});

describe.each(["home169", "home128"] as const)("threads of %s that are served", (name) => {
  let fixture: FixtureHome;

  beforeEach(async () => {
    fixture = copyFixtureHome(name);
    await scene[Symbol.asyncDispose]();
    scene = new RemoteScene({ command, clientHome: home, served: fixture.path });
    await scene.startServer();
  });

  afterEach(() => fixture.remove());

  it("are listed and read by the real Codex 0.129.0", async () => {
    const client = await scene.startClient();
    const ours = await everyThread(scene.store);
    const sourceKinds = ["cli", "vscode", "exec", "appServer", "subAgent", "unknown"];
    const listed: JsonObject[] = [];
    let cursor: string | null = null;
    do {
      const page: JsonObject = await client.request("thread/list", {
        limit: 7,
        cursor,
        sourceKinds,
        modelProviders: [],
      });
      listed.push(...page.data);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(listed.map(({ id }) => id).sort()).toEqual(ours.map(({ threadId }) => threadId).sort());
    for (const { threadId } of ours) {
      expect([threadId, await readCodexMessages(client, threadId)]).toEqual([threadId, await ourMessages(threadId)]);
    }
    expect(scene.calls.filter(({ status }) => status !== 0)).toEqual([]);
  });
});

/** What user and agent say in a thread, in order, as this project reads it. */
async function ourMessages(threadId: string): Promise<string[]> {
  const { data } = await scene.store.listItems({ threadId, pageSize: 1_000 });
  return data.flatMap(({ item }) => {
    if (item.type !== "UserMessage" && item.type !== "AgentMessage") return [];
    const parts = item.content as readonly { readonly text?: string }[];
    return [parts.map(({ text = "" }) => text).join("")];
  });
}

/** This Codex fails the first time, for want of a rollout of its own, and has loaded the thread then. */
async function resumeTwice(client: AppServerClient, threadId: string): Promise<void> {
  await client.request("thread/resume", { threadId }).catch(() => undefined);
  await client.request("thread/resume", { threadId });
}

async function everyThread(store: ThreadStore): Promise<StoredThread[]> {
  const sources = SOURCE_KINDS.filter((kind) => kind !== "subAgent");
  const { data } = await store.listThreads({ sources, pageSize: 1_000, modelProviders: [] });
  return [...data];
}

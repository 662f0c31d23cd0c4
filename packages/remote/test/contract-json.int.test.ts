import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLocalThreadStore } from "@threadstore/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CodexClient, statusOf } from "./support/codex-client.js";
import { METADATA, numbered, numbersOf } from "./support/operations.js";
import { ServedThreads, threadId, userMessage, writeThread } from "./support/served-threads.js";
import { contractCallsFor } from "./support/thirteen-calls.js";

const ID = threadId(1);
const NEW_ID = threadId(2);

let served: ServedThreads;
let client: CodexClient;

beforeEach(async () => {
  served = new ServedThreads();
  client = await served.serve();
  await writeThread(client);
});

afterEach(() => served[Symbol.asyncDispose]());

/** What is stored of all threads. */
async function stored() {
  const { data } = await served.memory.listThreads({ sources: "all" });
  return { data, history: await served.memory.loadHistory({ threadId: ID }) };
}

/** The calls for a thread that there is, and a creation of one that there is not. */
function calls(contractJson: string) {
  const { createThread } = contractCallsFor(client, NEW_ID, contractJson);
  return { ...contractCallsFor(client, ID, contractJson), createThread };
}

describe("contract_json that cannot be read", () => {
  it.each([
    ["no JSON", "{"],
    ["an array", "[]"],
    ["null", "null"],
    ["a writer that is a text", '{"writer":"writer"}'],
    ["a writer that is an array", '{"writer":["writer"]}'],
    ["a writer that is null", '{"writer":null}'],
    ["a writer without an id", '{"writer":{"eventPersistenceMode":"extended"}}'],
    ["a writer whose id is a number", '{"writer":{"id":1}}'],
    ["a writer with an empty id", '{"writer":{"id":""}}'],
  ])("%s is INVALID_ARGUMENT for every call, which stores and opens nothing", async (_which, contractJson) => {
    const before = await stored();
    const statuses: Record<string, string> = {};
    for (const [name, call] of Object.entries(calls(contractJson))) statuses[name] = await statusOf(call());
    const refused = Object.fromEntries(Object.keys(statuses).map((name) => [name, "INVALID_ARGUMENT"]));
    expect(statuses).toStrictEqual(refused);
    expect(await stored()).toStrictEqual(before);
    expect(await served.server.countOpenThreads()).toBe(0);
  });

  it("is INVALID_ARGUMENT for bringing a thread back from the archive, which stays there", async () => {
    await client.archiveThread({ threadId: ID });
    const archived = await served.memory.readThread({ threadId: ID, includeArchived: true });
    expect(archived.archivedAt).toBeDefined();
    expect(await statusOf(client.unarchiveThread({ threadId: ID, contractJson: "{" }))).toBe("INVALID_ARGUMENT");
    expect(await served.memory.readThread({ threadId: ID, includeArchived: true })).toStrictEqual(archived);
  });
});

describe("what a writer says of itself beyond what a writer may say", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "threadstore-remote-writers-"));
    for (const name of ["alice", "bob"]) mkdirSync(join(folder, name));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("opens no file of the server: threads of other homes are as if they did not exist", async () => {
    await using bobs = openLocalThreadStore({ home: join(folder, "bob") });
    await bobs.createThread({ threadId: ID, metadata: METADATA });
    await bobs.appendItems({ threadId: ID, items: [numbered(1)] });
    await bobs.shutdownThread(ID);
    const { rolloutPath = "" } = await bobs.readThread({ threadId: ID });
    const before = readFileSync(rolloutPath, "utf8");
    await using store = openLocalThreadStore({ home: join(folder, "alice") });
    await using alices = new ServedThreads();
    const alice = await alices.serve({ store });
    const contractJson = JSON.stringify({ writer: { id: "writer", rolloutPath } });
    const append = alice.appendItems({ threadId: ID, itemsJson: [userMessage("Mine")], contractJson });
    const statuses = [await statusOf(append), await statusOf(alice.loadHistory({ threadId: ID, contractJson }))];
    expect(statuses).toStrictEqual(["NOT_FOUND", "NOT_FOUND"]);
    expect(readFileSync(rolloutPath, "utf8")).toBe(before);
  });

  it("opens no other thread than the call is about", async () => {
    await writeThread(client, { id: NEW_ID });
    const itemsJson = [JSON.stringify(numbered(1))];
    const contractJson = JSON.stringify({ writer: { id: "writer", threadId: NEW_ID } });
    await client.appendItems({ threadId: ID, itemsJson, contractJson });
    await client.appendItems({ threadId: ID, itemsJson });
    expect(await numbersOf(served.memory, ID)).toStrictEqual([undefined, 1, 1]);
    expect(await numbersOf(served.memory, NEW_ID)).toStrictEqual([undefined]);
  });
});

describe("arguments of the contract that a store does not take", () => {
  const WRITER = { id: "writer" };

  it.each([
    ["createThread", { metadata: {} }],
    ["resumeThread", { takeOver: "yes" }],
    ["appendItems", { expectedOrdinal: -1 }],
    ["loadHistory", { direction: "sideways" }],
    ["listThreads", { pageSize: 0 }],
    ["updateThreadMetadata", { patch: { color: "red" } }],
  ] as const)("are INVALID_ARGUMENT of %s, which stores nothing", async (name, params) => {
    const before = await stored();
    const call = calls(JSON.stringify({ writer: WRITER, params }))[name];
    expect(await statusOf(call())).toBe("INVALID_ARGUMENT");
    expect(await stored()).toStrictEqual(before);
  });

  it("name no file of the server when a thread is resumed", async () => {
    const contractJson = JSON.stringify({ writer: WRITER, params: { rolloutPath: "/of/another" } });
    expect(await statusOf(client.resumeThread({ threadId: ID, contractJson }))).toBe("OK");
  });
});

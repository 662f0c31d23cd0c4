import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import { openMemoryThreadStore, type ThreadStore } from "@threadstore/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CodexClient, statusOf } from "./support/codex-client.js";
import { ServedThreads, threadId, userMessage, writeThread } from "./support/served-threads.js";
import { codexCallsFor, contractCallsFor, type NamedCalls } from "./support/thirteen-calls.js";

const ID = threadId(1);
const UNKNOWN = threadId(9);

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const lineOf = (token: string, rest: string) => `${createHash("sha256").update(token).digest("hex")} ${rest}\n`;

let served: ServedThreads;
let folder: string;
let path: string;
let alice: CodexClient;
let bob: CodexClient;
let tenantIds: string[];

beforeEach(async () => {
  served = new ServedThreads();
  folder = mkdtempSync(join(tmpdir(), "threadstore-tenants-"));
  path = join(folder, "tokens.txt");
  writeFileSync(path, lineOf("for-alice", "alice") + lineOf("for-bob", "bob") + lineOf("reader", "alice read-only"));
  tenantIds = [];
  const stores = { forTenant: async (tenantId: string) => openStoreOf(tenantId) };
  await served.serve({ stores, tokens: path });
  alice = served.connect(bearer("for-alice"));
  bob = served.connect(bearer("for-bob"));
});

afterEach(async () => {
  await served[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function openStoreOf(tenantId: string): ThreadStore {
  tenantIds.push(tenantId);
  return openMemoryThreadStore({ clock: served.clock });
}

/** The thirteen calls, as either kind of client makes them. */
const KINDS = [
  ["the real Codex", codexCallsFor],
  ["clients that know the contract", contractCallsFor],
] as const;

/** What each call comes to: its answer, or its status and text, with one id for all. */
async function outcomes(calls: NamedCalls, id: string): Promise<Readonly<Record<string, unknown>>> {
  const all: Record<string, unknown> = {};
  for (const [name, call] of Object.entries(calls)) {
    const outcome = await call().catch(({ code, details }) => ({ code, details }));
    all[name] = JSON.parse(JSON.stringify(outcome).replaceAll(id, "ID"));
  }
  return all;
}

describe.each(KINDS)("threads of another tenant, for %s,", (_kind, callsFor) => {
  it("are as if they did not exist, for all thirteen calls", async () => {
    await writeThread(alice);
    await alice.updateThreadMetadata({ threadId: ID, patch: { name: "Deploy" } });
    const others = await outcomes(callsFor(bob, ID), ID);
    expect(Object.keys(others)).toHaveLength(13);
    expect(others).toStrictEqual(await outcomes(callsFor(bob, UNKNOWN), UNKNOWN));
    expect(others).toMatchObject({
      readThread: { code: status.NOT_FOUND, details: "thread ID not found" },
      listThreads: { threads: [] },
      createThread: { $typeName: "codex.thread_store.v1.Empty" },
    });
  });

  it("stay as they are", async () => {
    await writeThread(alice);
    const before = await alice.readThread({ threadId: ID, includeHistory: true });
    const calls = callsFor(bob, ID);
    await outcomes(calls, ID);
    await calls.appendItems();
    await calls.updateThreadMetadata();
    expect(await alice.readThread({ threadId: ID, includeHistory: true })).toStrictEqual(before);
    expect((await bob.readThread({ threadId: ID })).thread).toMatchObject({ preview: "Mine", name: "Mine" });
  });
});

describe("threads of another tenant", () => {
  it("cannot be forked", async () => {
    await writeThread(alice);
    const forkOf = (forkedFromId: string) => statusOf(bob.createThread({ threadId: threadId(2), forkedFromId }));
    expect([await forkOf(ID), await forkOf(UNKNOWN)]).toStrictEqual(["NOT_FOUND", "NOT_FOUND"]);
  });

  it("are not written while they are open for their own tenant", async () => {
    await alice.createThread({ threadId: ID });
    await alice.appendItems({ threadId: ID, itemsJson: [userMessage("Hello")] });
    expect(await statusOf(bob.appendItems({ threadId: ID, itemsJson: [userMessage("Mine")] }))).toBe("NOT_FOUND");
    expect(await statusOf(bob.flushThread({ threadId: ID }))).toBe("NOT_FOUND");
    expect((await alice.loadHistory({ threadId: ID })).itemsJson).toHaveLength(2);
  });

  it("are not found by name, and their cursors lead to one's own threads alone", async () => {
    await writeThread(alice, { text: "Secret" });
    await writeThread(alice, { id: threadId(2), text: "Secret" });
    await writeThread(bob, { id: threadId(3), text: "Hello" });
    await writeThread(bob, { id: threadId(4), text: "Hello" });
    const { nextCursor: cursor } = await alice.listThreads({ pageSize: 1 });
    const own = (await bob.listThreads({ pageSize: 25, cursor })).threads.map((thread) => thread.threadId);
    expect(own).toStrictEqual([threadId(3), threadId(4)]);
    expect((await bob.listThreads({ pageSize: 25, searchTerm: "Secret" })).threads).toStrictEqual([]);
  });

  it("each tenant has one store, which is opened when it first calls", async () => {
    expect(tenantIds).toStrictEqual([]);
    await Promise.all([writeThread(alice), bob.listThreads({ pageSize: 1 }), alice.listThreads({ pageSize: 1 })]);
    expect(tenantIds.sort()).toStrictEqual(["alice", "bob"]);
  });
});

describe.each(KINDS)("tokens, for %s:", (_kind, callsFor) => {
  it("one that only reads reads its tenant's threads, and every other call is PERMISSION_DENIED", async () => {
    await writeThread(alice);
    const reader = served.connect(bearer("reader"));
    const statuses: Record<string, string> = {};
    for (const [name, call] of Object.entries(callsFor(reader, ID))) statuses[name] = await statusOf(call());
    const denied = Object.fromEntries(Object.keys(statuses).map((name) => [name, "PERMISSION_DENIED"]));
    expect(statuses).toStrictEqual({ ...denied, readThread: "OK", loadHistory: "OK", listThreads: "OK" });
    expect((await alice.loadHistory({ threadId: ID })).itemsJson).toHaveLength(2);
  });

  it.each([
    ["no token", {}],
    ["an unknown token", bearer("unknown")],
    ["an unknown user", { user: "unknown" }],
  ])("with %s every call is UNAUTHENTICATED", async (_which, options) => {
    const client = served.connect(options);
    for (const call of Object.values(callsFor(client, ID))) expect(await statusOf(call())).toBe("UNAUTHENTICATED");
    expect(tenantIds).toStrictEqual([]);
    expect(served.calls.map(({ tenantId }) => tenantId)).toStrictEqual(Array(13).fill(undefined));
  });
});

describe("tokens", () => {
  it("one may be the user part of the endpoint, as the real Codex sends it", async () => {
    await writeThread(alice);
    for (const user of ["for-alice", "for-alice:pw", "for%2Dalice"]) {
      expect((await served.connect({ user }).readThread({ threadId: ID })).thread?.threadId).toBe(ID);
    }
  });

  it("one that is taken out of the file is not known at the next call", async () => {
    await writeThread(alice);
    writeFileSync(path, lineOf("for-bob", "bob"));
    expect(await statusOf(alice.readThread({ threadId: ID }))).toBe("UNAUTHENTICATED");
    expect(await statusOf(bob.listThreads({ pageSize: 1 }))).toBe("OK");
  });

  it("with a file of them any address is served", async () => {
    const everywhere = new ServedThreads();
    await everywhere.serve({ host: "0.0.0.0", tokens: path });
    const client = everywhere.connect(bearer("for-bob"));
    expect(await statusOf(client.listThreads({ pageSize: 1 }))).toBe("OK");
    await everywhere[Symbol.asyncDispose]();
  });
});

import { toJson } from "@bufbuild/protobuf";
import { openMemoryThreadStore, ThreadStoreError } from "@threadstore/core";
import { serveRemote } from "@threadstore/remote";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  OptionalStringPatchKind,
  SessionSourceKind,
  StoredThreadSchema,
  ThreadMemoryMode,
} from "../src/gen/codex/thread_store/v1/thread_store_pb.js";
import { statusOf } from "./support/codex-client.js";
import { event, payloadTypes, ServedThreads, threadId, userMessage, writeThread } from "./support/served-threads.js";

const ID = threadId(1);

let served: ServedThreads;

beforeEach(() => {
  served = new ServedThreads();
});

afterEach(() => served[Symbol.asyncDispose]());

describe("the thirteen calls", () => {
  it("a thread is created, written, read, named, archived, unarchived and resumed", async () => {
    const client = await served.serve();
    const created = { threadId: ID, source: { kind: SessionSourceKind.CLI } };
    await client.createThread({ ...created, metadataJson: '{"cwd":"/project","model_provider":"fake"}' });
    await client.appendItems({ threadId: ID, itemsJson: [userMessage("Hello")] });
    await client.persistThread({ threadId: ID });
    await client.flushThread({ threadId: ID });
    const { thread } = await client.readThread({ threadId: ID });
    expect(thread && toJson(StoredThreadSchema, thread)).toStrictEqual({
      threadId: ID,
      preview: "Hello",
      firstUserMessage: "Hello",
      modelProvider: "fake",
      cwd: "/project",
      source: { kind: "SESSION_SOURCE_KIND_CLI" },
      createdAt: String(served.clock.nowMs() / 1_000),
      updatedAt: String(served.clock.nowMs() / 1_000),
      rolloutPath: `threadstore/${ID}`,
    });
    const gitInfo = { branch: { kind: OptionalStringPatchKind.SET, value: "main" } };
    const patch = { name: "Deploy", memoryMode: ThreadMemoryMode.DISABLED, gitInfo };
    const updated = await client.updateThreadMetadata({ threadId: ID, patch });
    expect([updated.thread?.name, updated.thread?.gitInfo?.branch]).toStrictEqual(["Deploy", "main"]);
    await client.shutdownThread({ threadId: ID });
    await client.archiveThread({ threadId: ID });
    expect((await client.listThreads({ pageSize: 25 })).threads).toStrictEqual([]);
    const unarchived = await client.unarchiveThread({ threadId: ID });
    expect([unarchived.thread?.threadId, unarchived.thread?.archivedAt]).toStrictEqual([ID, undefined]);
    await client.resumeThread({ threadId: ID, historyJson: ["anything"], hasHistory: true, includeArchived: true });
    await client.appendItems({ threadId: ID, itemsJson: [event("agent_message", { message: "Hi" })] });
    const { itemsJson } = await client.loadHistory({ threadId: ID });
    expect(payloadTypes(itemsJson)).toStrictEqual([undefined, "user_message", "agent_message"]);
    const whole = await client.readThread({ threadId: ID, includeHistory: true });
    expect([whole.thread?.history?.threadId, whole.thread?.history?.itemsJson]).toStrictEqual([ID, itemsJson]);
    await client.discardThread({ threadId: ID });
    expect((await client.listThreads({ pageSize: 25 })).threads.map((one) => one.threadId)).toStrictEqual([ID]);
  });

  it("every call is told with its method, tenant and status", async () => {
    const client = await served.serve();
    await writeThread(client);
    await statusOf(client.readThread({ threadId: threadId(2) }));
    const told = served.calls.map(({ method, tenantId, status }) => ({ method, tenantId, status }));
    expect(told).toStrictEqual([
      { method: "CreateThread", tenantId: "default", status: 0 },
      { method: "AppendItems", tenantId: "default", status: 0 },
      { method: "ShutdownThread", tenantId: "default", status: 0 },
      { method: "ReadThread", tenantId: "default", status: 5 },
    ]);
  });

  it("a thread that was discarded with nothing in it is gone", async () => {
    const client = await served.serve();
    await client.createThread({ threadId: ID });
    await client.appendItems({ threadId: ID, itemsJson: [event("session_configured", { cwd: "/project" })] });
    await client.discardThread({ threadId: ID });
    expect((await client.listThreads({ pageSize: 25 })).threads).toStrictEqual([]);
    expect(await statusOf(client.readThread({ threadId: ID }))).toBe("NOT_FOUND");
  });
});

describe("the persistence policy", () => {
  it("events that the client sends and nobody needs are not stored", async () => {
    const client = await served.serve();
    await client.createThread({ threadId: ID });
    const dropped = ["session_configured", "warning", "raw_response_item", "item_started", "mcp_startup_complete"];
    const deltas = ["agent_message_delta", "agent_message_content_delta", "exec_command_begin"];
    const itemsJson = [...dropped, ...deltas].map((type) => event(type, { initial_messages: [] }));
    await client.appendItems({ threadId: ID, itemsJson: [...itemsJson, userMessage("Hello")] });
    const { items } = await served.memory.loadHistory({ threadId: ID });
    expect(payloadTypes(items.map(({ json }) => json))).toStrictEqual([undefined, "user_message"]);
  });
});

describe("the status of a call that fails", () => {
  it.each([
    ["thread_not_found", "NOT_FOUND"],
    ["invalid_request", "INVALID_ARGUMENT"],
    ["conflict", "FAILED_PRECONDITION"],
    ["unavailable", "UNAVAILABLE"],
    ["resource_exhausted", "RESOURCE_EXHAUSTED"],
    ["unsupported", "UNIMPLEMENTED"],
    ["internal", "INTERNAL"],
  ] as const)("%s of the store is %s, with its text", async (code, expected) => {
    const forTenant = () => Promise.reject(new ThreadStoreError(code, "why it failed"));
    const client = await served.serve({ stores: { forTenant } });
    const call = client.readThread({ threadId: ID });
    expect(await statusOf(call)).toBe(expected);
    await expect(call).rejects.toMatchObject({ details: "why it failed" });
  });

  it("what is no error of a store is INTERNAL and tells nothing of itself", async () => {
    const client = await served.serve({ stores: { forTenant: () => Promise.reject(new Error("a secret")) } });
    const call = client.readThread({ threadId: ID });
    await expect(call).rejects.toMatchObject({ code: 13, details: "the server failed" });
  });

  it("threads that there are not, bad requests, conflicts and limits have theirs", async () => {
    const store = openMemoryThreadStore({ limits: { appendMaxItems: 1 } });
    const client = await served.serve({ store });
    await client.createThread({ threadId: ID });
    const itemsJson = [userMessage("Hello")];
    expect({
      unknown: await statusOf(client.appendItems({ threadId: threadId(2), itemsJson })),
      badId: await statusOf(client.readThread({ threadId: "no id" })),
      badItem: await statusOf(client.appendItems({ threadId: ID, itemsJson: ["{"] })),
      badCursor: await statusOf(client.listThreads({ pageSize: 25, cursor: "no cursor" })),
      badJson: await statusOf(client.createThread({ threadId: threadId(3), metadataJson: "{" })),
      twice: await statusOf(client.createThread({ threadId: ID })),
      tooMany: await statusOf(client.appendItems({ threadId: ID, itemsJson: [...itemsJson, ...itemsJson] })),
    }).toStrictEqual({
      unknown: "NOT_FOUND",
      badId: "INVALID_ARGUMENT",
      badItem: "INVALID_ARGUMENT",
      badCursor: "INVALID_ARGUMENT",
      badJson: "INVALID_ARGUMENT",
      twice: "FAILED_PRECONDITION",
      tooMany: "RESOURCE_EXHAUSTED",
    });
  });
});

describe("the server", () => {
  it.each(["0.0.0.0", "192.0.2.1", "::", "example.com", "127.example.com", ""])(
    "without tokens the host %j is refused with invalid_request",
    async (host) => {
      const stores = { forTenant: async () => served.memory };
      await expect(serveRemote({ stores, host, port: 0 })).rejects.toMatchObject({ code: "invalid_request" });
    },
  );

  it("an address that another server has is unavailable", async () => {
    await served.serve();
    const stores = { forTenant: async () => served.memory };
    const second = serveRemote({ stores, host: "127.0.0.1", port: served.server.port });
    await expect(second).rejects.toMatchObject({ code: "unavailable" });
  });
});

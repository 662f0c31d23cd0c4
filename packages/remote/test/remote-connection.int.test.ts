import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import { isThreadStoreError, type ThreadStore, ThreadStoreError, type ThreadStoreErrorCode } from "@threadstore/core";
import { openRemoteThreadStore, type RemoteThreadStoreOptions } from "@threadstore/remote";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ServerConnection } from "../src/client/server-connection.js";
import { CallRefused } from "../src/grpc/status.js";
import type { IncomingCall } from "../src/grpc/unary-handlers.js";
import { CallServer } from "./support/call-server.js";
import { newCertificate } from "./support/certificate.js";
import { callsOfWriter, callsWithoutWriter, METADATA } from "./support/operations.js";
import { ServedThreads, threadId, writeThread } from "./support/served-threads.js";

const ID = threadId(1);

let served: ServedThreads;

beforeEach(() => {
  served = new ServedThreads();
});

afterEach(() => served[Symbol.asyncDispose]());

/** A remote store that tries nothing twice. */
function open(endpoint: string, options: Partial<RemoteThreadStoreOptions> = {}): ThreadStore {
  return openRemoteThreadStore({ protocol: "codex.v1", endpoint, reconnectMs: 0, ...options });
}

type Calls = Readonly<Record<string, () => Promise<unknown>>>;

/** How each call ends: with the code of its error, or none. */
async function outcomesOf(calls: Calls): Promise<Readonly<Record<string, string>>> {
  const outcomes: Record<string, string> = {};
  for (const [name, call] of Object.entries(calls)) outcomes[name] = await outcomeOf(call());
  return outcomes;
}

async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "no error";
  } catch (error) {
    if (!isThreadStoreError(error)) throw error;
    return error.code;
  }
}

function all(calls: Calls, outcome: ThreadStoreErrorCode | "no error"): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(calls).map((name) => [name, outcome]));
}

describe("an endpoint that nobody listens on", () => {
  it("is unavailable for every call", async () => {
    const gone = await new CallServer().serveNothing();
    gone.stop();
    await using remote = open(gone.endpoint);
    const calls = callsWithoutWriter(remote);
    expect(await outcomesOf(calls)).toStrictEqual(all(calls, "unavailable"));
  });

  it("is unavailable for the calls of a live thread, and for closing the store", async () => {
    await served.serve();
    const remote = served.openRemote({ reconnectMs: 0 });
    await callsWithoutWriter(remote).createThread();
    await callsOfWriter(remote).appendItems();
    served.server.stop();
    const calls = callsOfWriter(remote);
    expect(await outcomesOf(calls)).toStrictEqual(all(calls, "unavailable"));
    expect(await outcomeOf(Promise.resolve(remote[Symbol.asyncDispose]()))).toBe("unavailable");
  });
});

describe("a server that does not know the contract", () => {
  it("is unsupported for the calls that need no live thread", async () => {
    await using server = await new CallServer().serveAnswers(async () => ({}));
    await using remote = open(server.endpoint);
    const calls = callsWithoutWriter(remote);
    expect(await outcomesOf(calls)).toStrictEqual(all(calls, "unsupported"));
  });

  it("is unsupported when it answers a thread or a list as the real Codex needs it", async () => {
    const thread = { threadId: ID, preview: "Hello" };
    await using server = await new CallServer().serveAnswers(async () => ({ thread, threads: [thread] }));
    await using remote = open(server.endpoint);
    const { readThread, listThreads, updateThreadMetadata, unarchiveThread } = callsWithoutWriter(remote);
    const calls = { readThread, listThreads, updateThreadMetadata, unarchiveThread };
    expect(await outcomesOf(calls)).toStrictEqual(all(calls, "unsupported"));
  });

  it("is unsupported for the calls of a live thread, and for closing the store, when it seemed to know it", async () => {
    await using server = await new CallServer().serveAnswers(async ({ method }) => {
      if (method === "ReadThread") throw new ThreadStoreError("invalid_request", "no thread id");
      return method === "CreateThread" ? { contractJson: '{"historyMode":"paginated"}' } : {};
    });
    const remote = open(server.endpoint);
    await callsWithoutWriter(remote).createThread();
    const calls = callsOfWriter(remote);
    expect(await outcomesOf(calls)).toStrictEqual(all(calls, "unsupported"));
    expect(await outcomeOf(Promise.resolve(remote[Symbol.asyncDispose]()))).toBe("unsupported");
  });

  it("is asked for nothing that it would do in its own way", async () => {
    await using server = await new CallServer().serveAnswers(async () => ({}));
    await using remote = open(server.endpoint);
    await outcomesOf(callsWithoutWriter(remote));
    expect(new Set(server.calls)).toStrictEqual(new Set(["LoadHistory", "ReadThread", "ListThreads"]));
  });

  it("is unsupported when it has no threads at all", async () => {
    await using server = await new CallServer().serveNothing();
    await using remote = open(server.endpoint);
    const calls = callsWithoutWriter(remote);
    expect(await outcomesOf(calls)).toStrictEqual(all(calls, "unsupported"));
  });

  it("is unsupported by the name of the operation that was asked for", async () => {
    await using empty = await new CallServer().serveAnswers(async () => ({}));
    await using nothing = await new CallServer().serveNothing();
    for (const { endpoint } of [empty, nothing]) {
      await using remote = open(endpoint);
      const created = remote.createThread({ threadId: ID, metadata: METADATA });
      await expect(created).rejects.toMatchObject({ code: "unsupported", operation: "createThread" });
    }
  });
});

describe("an error of the store that is served", () => {
  it("names the thread that it is about: of a fork the one that there is not", async () => {
    await served.serve();
    const fork = { threadId: ID, metadata: METADATA, fork: { from: threadId(7) } };
    const expected = { code: "thread_not_found", threadId: threadId(7) };
    await expect(served.memory.createThread(fork)).rejects.toMatchObject(expected);
    await expect(served.openRemote().createThread(fork)).rejects.toMatchObject(expected);
  });
});

describe("a call that would be made again while the server is away", () => {
  /** Cuts off every call, once it was told. */
  function serveAway(tell: (call: IncomingCall) => void): Promise<CallServer> {
    return new CallServer().serveAnswers(async (call) => {
      tell(call);
      throw new CallRefused(status.UNAVAILABLE, "away");
    });
  }

  it("is not made again when its caller aborts it", async () => {
    const aborter = new AbortController();
    await using server = await serveAway(({ method }) => {
      if (method === "ReadThread") aborter.abort();
    });
    await using remote = open(server.endpoint, { reconnectMs: 200 });
    expect(await outcomeOf(remote.readThread({ threadId: ID }, { signal: aborter.signal }))).toBe("unavailable");
    // The read would be made again before the list is given up.
    expect(await outcomeOf(remote.listThreads({}))).toBe("unavailable");
    expect(server.calls.filter((method) => method !== "ListThreads")).toStrictEqual(["ReadThread"]);
  });

  it("is not made again when its caller aborts it between two attempts, while others are answered", async () => {
    const aborter = new AbortController();
    let tellCalled = () => {};
    const called = new Promise<void>((resolve) => (tellCalled = resolve));
    await using server = await new CallServer().serveAnswers(async ({ method }) => {
      if (method === "ListThreads") return { contractJson: '{"threads":[],"more":false}' };
      tellCalled();
      throw new CallRefused(status.UNAVAILABLE, "away");
    });
    await using remote = open(server.endpoint, { reconnectMs: 5_000 });
    const read = outcomeOf(remote.readThread({ threadId: ID }, { signal: aborter.signal }));
    await called;
    aborter.abort();
    const before = server.calls.length;
    expect(await read).toBe("unavailable");
    await remote.listThreads({});
    expect(server.calls.slice(before)).toStrictEqual(["ListThreads"]);
  });

  it("is unavailable when its store is closed, and is not made again", async () => {
    let closed: Promise<void> | undefined;
    await using server = await serveAway(() => {
      closed ??= Promise.resolve(remote[Symbol.asyncDispose]());
    });
    const remote = open(server.endpoint, { reconnectMs: 5_000 });
    expect(await outcomeOf(remote.readThread({ threadId: ID }))).toBe("unavailable");
    await closed;
    expect(server.calls).toStrictEqual(["ReadThread"]);
  });
});

describe("closing a store of live threads whose server is away", () => {
  it("waits for the server once, not for each thread", async () => {
    const calls: string[] = [];
    await using server = await new CallServer().serveAnswers(async ({ method, request }) => {
      if (method === "ReadThread") throw new ThreadStoreError("invalid_request", "no thread id");
      if (method === "CreateThread") return { contractJson: '{"historyMode":"paginated"}' };
      calls.push(`${method} ${(request as { readonly threadId: string }).threadId}`);
      throw new CallRefused(status.UNAVAILABLE, "away");
    });
    // Long enough for a second attempt of the first call, which uses it up.
    const remote = open(server.endpoint, { reconnectMs: 30 });
    const ids = [1, 2, 3, 4, 5, 6].map(threadId);
    for (const id of ids) await remote.createThread({ threadId: id, metadata: METADATA });
    expect(await outcomeOf(Promise.resolve(remote[Symbol.asyncDispose]()))).toBe("unavailable");
    const once = ids.slice(1).flatMap((id) => [`ShutdownThread ${id}`, `DiscardThread ${id}`]);
    expect(calls.filter((call) => !call.endsWith(ID))).toStrictEqual(once);
  });
});

describe("a call that hangs", () => {
  const DEADLINE_MS = 200;

  let server: CallServer;
  /** Resolves when a call came in. */
  let called: Promise<void>;
  /** Resolves when a call was cancelled. */
  let cancelled: Promise<void>;

  beforeEach(async () => {
    let tellCalled = () => {};
    let tellCancelled = () => {};
    called = new Promise((resolve) => (tellCalled = resolve));
    cancelled = new Promise((resolve) => (tellCancelled = resolve));
    server = await new CallServer().serveAnswers(({ cancellation }) => {
      cancellation().addEventListener("abort", () => tellCancelled());
      tellCalled();
      return new Promise(() => {});
    });
  });

  afterEach(() => server.stop());

  it("is unavailable after the deadline of the store, and is not made again", async () => {
    await using remote = open(server.endpoint, { deadlineMs: DEADLINE_MS, reconnectMs: 5_000 });
    const { createThread, loadHistory, archiveThread } = callsWithoutWriter(remote);
    const calls = { createThread, loadHistory, archiveThread };
    expect(await outcomesOf(calls)).toStrictEqual(all(calls, "unavailable"));
    expect(server.calls.length).toBeLessThanOrEqual(3);
  });

  it.each(["readThread", "loadHistory", "listThreads"] as const)(
    "is cancelled on the server when its caller aborts it: %s",
    async (name) => {
      await using remote = open(server.endpoint);
      const aborter = new AbortController();
      const { signal } = aborter;
      const calls = {
        readThread: () => remote.readThread({ threadId: ID }, { signal }),
        loadHistory: () => remote.loadHistory({ threadId: ID }, { signal }),
        listThreads: () => remote.listThreads({}, { signal }),
      };
      const outcome = outcomeOf(calls[name]());
      await called;
      aborter.abort();
      expect(await outcome).toBe("unavailable");
      await cancelled;
    },
  );

  it("is unavailable when its caller aborted it before it was sent", async () => {
    const connection = new ServerConnection({ endpoint: server.endpoint });
    const context = { isRepeatable: true, signal: AbortSignal.abort() };
    expect(await outcomeOf(connection.call("readThread", { threadId: ID }, context))).toBe("unavailable");
    connection.close();
  });

  it("is cancelled on the server when the deadline of the call is over", async () => {
    await using remote = open(server.endpoint);
    expect(await outcomeOf(remote.readThread({ threadId: ID }, { deadlineMs: DEADLINE_MS }))).toBe("unavailable");
    await cancelled;
  });
});

describe("the token of an endpoint", () => {
  const STRANGE = "a:b@c/d%#?";

  let folder: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "threadstore-remote-tokens-"));
    const tokens = join(folder, "tokens.txt");
    const line = (token: string, rest: string) => `${createHash("sha256").update(token).digest("hex")} ${rest}\n`;
    writeFileSync(tokens, line("writer", "alice") + line("reader", "alice read-only") + line(STRANGE, "alice"));
    await served.serve({ tokens });
    await writeThread(served.connect({ user: "writer" }));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function openAs(user: string): ThreadStore {
    return served.openRemote({ endpoint: `grpc://${user}127.0.0.1:${served.server.port}`, reconnectMs: 0 });
  }

  it.each(["writer@", "writer:password@", `${encodeURIComponent(STRANGE)}@`])("%s reads and writes", async (user) => {
    const remote = openAs(user);
    await remote.resumeThread({ threadId: ID });
    const calls = { ...callsOfWriter(remote), readThread: callsWithoutWriter(remote).readThread };
    expect(await outcomesOf(calls)).toStrictEqual(all(calls, "no error"));
  });

  it("that only reads reads, and writes are invalid_request", async () => {
    const calls = callsWithoutWriter(openAs("reader@"));
    expect(await outcomesOf(calls)).toStrictEqual({
      ...all(calls, "invalid_request"),
      loadHistory: "no error",
      readThread: "no error",
      listThreads: "no error",
    });
  });

  it.each(["", "unknown@", "WRITER@"])("%j is not known: every call is invalid_request", async (user) => {
    const calls = callsWithoutWriter(openAs(user));
    expect(await outcomesOf(calls)).toStrictEqual(all(calls, "invalid_request"));
  });
});

describe("a server with a certificate", () => {
  let authorities: Buffer;

  beforeEach(async () => {
    const tls = await newCertificate();
    authorities = tls.certificate;
    await served.serve({ tls });
  });

  function openWith(scheme: string, options: Partial<RemoteThreadStoreOptions> = {}): ThreadStore {
    return served.openRemote({ endpoint: `${scheme}://127.0.0.1:${served.server.port}`, reconnectMs: 0, ...options });
  }

  it.each(["grpcs", "https"])("is written and read over %s by who trusts its authority", async (scheme) => {
    const remote = openWith(scheme, { tls: { authorities } });
    const { createThread, readThread } = callsWithoutWriter(remote);
    const calls = { createThread, ...callsOfWriter(remote), readThread };
    expect(await outcomesOf(calls)).toStrictEqual(all(calls, "no error"));
  });

  it("is unavailable to who does not, or trusts another one", async () => {
    const other = (await newCertificate()).certificate;
    expect(await outcomeOf(openWith("grpcs").listThreads({}))).toBe("unavailable");
    expect(await outcomeOf(openWith("grpcs", { tls: { authorities: other } }).listThreads({}))).toBe("unavailable");
  });

  it("is unavailable in clear text, and a server without one over TLS", async () => {
    expect(await outcomeOf(openWith("grpc").listThreads({}))).toBe("unavailable");
    await using clear = await new CallServer().serveAnswers(async () => ({}));
    const endpoint = clear.endpoint.replace("grpc:", "grpcs:");
    expect(await outcomeOf(openWith("grpcs", { endpoint, tls: { authorities } }).listThreads({}))).toBe("unavailable");
  });
});

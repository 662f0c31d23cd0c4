import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { codeOf, ID, PARAMS, ThreadsOfClients } from "../../test/support/threads-of-clients.js";
import type { RemoteWriter } from "./contract-json.js";

const ONE: RemoteWriter = { id: "one" };
const TWO: RemoteWriter = { id: "two" };
const THREE: RemoteWriter = { id: "three" };

const IDLE_MS = 30_000;

let threads: ThreadsOfClients;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  threads = new ThreadsOfClients();
});

afterEach(async () => {
  vi.useRealTimers();
  await threads.store[Symbol.asyncDispose]();
});

/** A thread that a writer has open, with a message of its own. */
async function openFor(writer: RemoteWriter): Promise<void> {
  await threads.open.create(PARAMS, writer);
  await threads.appendAs(writer);
}

function use(writer?: RemoteWriter): Promise<void> {
  return threads.open.use({ threadId: ID, writer }, async () => {});
}

function takeOver(writer: RemoteWriter): Promise<void> {
  return threads.open.resume({ threadId: ID, takeOver: true }, writer);
}

function archive(): Promise<void> {
  return threads.open.whileClosed(ID, () => threads.store.archiveThread({ threadId: ID }));
}

describe("a thread that a writer has", () => {
  it("cannot be resumed by another one, and goes on", async () => {
    await openFor(ONE);
    expect(await codeOf(threads.open.resume({ threadId: ID }, TWO))).toBe("conflict");
    await threads.appendAs(ONE, "agent_message");
    expect(await threads.eventTypes()).toStrictEqual(["user_message", "agent_message"]);
  });

  it("cannot be made or used by another one", async () => {
    await openFor(ONE);
    expect(await codeOf(threads.open.create(PARAMS, TWO))).toBe("conflict");
    expect(await codeOf(threads.appendAs(TWO))).toBe("conflict");
    expect(await codeOf(threads.open.shutdown(ID, TWO))).toBe("conflict");
    expect(await threads.eventTypes()).toStrictEqual(["user_message"]);
    expect(threads.open.size).toBe(1);
  });

  it("can be had by another one after its shutdown", async () => {
    await openFor(ONE);
    await threads.open.shutdown(ID, ONE);
    await threads.open.resume({ threadId: ID }, TWO);
    await threads.appendAs(TWO, "agent_message");
    expect(await threads.eventTypes()).toStrictEqual(["user_message", "agent_message"]);
  });

  it("can be made again by another one when it was discarded with nothing in it", async () => {
    await threads.open.create(PARAMS, ONE);
    await threads.open.discard(ID, ONE);
    expect(await codeOf(threads.open.resume({ threadId: ID }, TWO))).toBe("thread_not_found");
    await openFor(TWO);
    expect(await threads.eventTypes()).toStrictEqual(["user_message"]);
  });

  it("cannot be archived while it is open, and can after its shutdown", async () => {
    await openFor(ONE);
    expect(await codeOf(archive())).toBe("conflict");
    await threads.appendAs(ONE, "agent_message");
    await threads.open.shutdown(ID, ONE);
    await archive();
    expect((await threads.store.readThread({ threadId: ID, includeArchived: true })).archivedAt).toBeDefined();
    expect(await threads.eventTypes()).toStrictEqual(["user_message", "agent_message"]);
  });
});

describe("taking a thread over", () => {
  it("fences the writer before: what it writes and closes is conflict", async () => {
    await openFor(ONE);
    await takeOver(TWO);
    expect(await codeOf(threads.appendAs(ONE))).toBe("conflict");
    expect(await codeOf(threads.open.shutdown(ID, ONE))).toBe("conflict");
    await threads.appendAs(TWO, "agent_message");
    expect(await threads.eventTypes()).toStrictEqual(["user_message", "agent_message"]);
  });

  it("fences every writer before", async () => {
    await openFor(ONE);
    await takeOver(TWO);
    await takeOver(THREE);
    expect([await codeOf(use(ONE)), await codeOf(use(TWO)), await codeOf(use(THREE))]).toStrictEqual([
      "conflict",
      "conflict",
      "no error",
    ]);
  });

  it("fences the writer before also when the new one shut the thread down", async () => {
    await openFor(ONE);
    await takeOver(TWO);
    await threads.open.shutdown(ID, TWO);
    expect([await codeOf(threads.appendAs(ONE)), threads.open.size]).toStrictEqual(["conflict", 0]);
    expect(await threads.eventTypes()).toStrictEqual(["user_message"]);
  });

  it("fences a call that waits behind it", async () => {
    await openFor(ONE);
    const takenOver = takeOver(TWO);
    const late = codeOf(threads.appendAs(ONE));
    await takenOver;
    expect(await late).toBe("conflict");
    expect(await threads.eventTypes()).toStrictEqual(["user_message"]);
  });

  it("that fails fences nobody", async () => {
    await openFor(ONE);
    const params = { threadId: ID, takeOver: true, rolloutPath: "/of/another" };
    expect(await codeOf(threads.open.resume(params, TWO))).toBe("conflict");
    await threads.appendAs(ONE, "agent_message");
    expect(await threads.eventTypes()).toStrictEqual(["user_message", "agent_message"]);
  });

  it("a writer that was fenced leaves the thread alone when it discards it", async () => {
    await openFor(ONE);
    await takeOver(TWO);
    await threads.open.discard(ID, ONE);
    expect(threads.open.size).toBe(1);
    await threads.appendAs(TWO, "agent_message");
    expect(await threads.eventTypes()).toStrictEqual(["user_message", "agent_message"]);
  });
});

describe("a writer that lost the answer", () => {
  it("makes its thread again and finds it made", async () => {
    await threads.open.create(PARAMS, ONE);
    await threads.open.create(PARAMS, ONE);
    await threads.appendAs(ONE);
    await threads.open.create(PARAMS, ONE);
    expect(threads.store.calls().get("createThread")).toBe(1);
    expect(await threads.eventTypes()).toStrictEqual(["user_message"]);
  });

  it("resumes its thread again and finds it open", async () => {
    await openFor(ONE);
    await threads.open.shutdown(ID, ONE);
    await threads.open.resume({ threadId: ID }, TWO);
    await threads.open.resume({ threadId: ID }, TWO);
    expect(threads.store.calls().get("resumeThread")).toBe(1);
    await threads.appendAs(TWO, "agent_message");
    expect(await threads.eventTypes()).toStrictEqual(["user_message", "agent_message"]);
  });

  it("shuts its thread down, or discards it, again", async () => {
    await openFor(ONE);
    await threads.open.shutdown(ID, ONE);
    await threads.open.shutdown(ID, ONE);
    await threads.open.discard(ID, ONE);
    await threads.open.discard(ID, ONE);
    expect(threads.open.size).toBe(0);
    expect(await threads.eventTypes()).toStrictEqual(["user_message"]);
  });
});

describe("the real Codex, which has no word for itself", () => {
  it("is let in beside a writer", async () => {
    await openFor(ONE);
    await threads.open.resume({ threadId: ID });
    await threads.append("agent_message");
    await threads.appendAs(ONE);
    expect(await threads.eventTypes()).toStrictEqual(["user_message", "agent_message", "user_message"]);
    expect(threads.store.calls().get("resumeThread")).toBeUndefined();
  });

  it("beside a writer changes nothing of who has the thread", async () => {
    await openFor(ONE);
    await threads.open.resume({ threadId: ID });
    await threads.append();
    expect(await codeOf(threads.open.resume({ threadId: ID }, TWO))).toBe("conflict");
  });

  it("shuts down the thread of a writer, which goes on with it as before", async () => {
    const extended: RemoteWriter = { id: "one", eventPersistenceMode: "extended" };
    await threads.open.create({ ...PARAMS, eventPersistenceMode: "extended" }, extended);
    await threads.appendAs(extended, "exec_command_end");
    await threads.open.shutdown(ID);
    expect(threads.open.size).toBe(0);
    await threads.appendAs(extended, "exec_command_end");
    expect(await threads.eventTypes()).toStrictEqual(["exec_command_end", "exec_command_end"]);
  });

  it("resumes a thread that was given back, and its writer goes on with it as before", async () => {
    const extended: RemoteWriter = { id: "one", eventPersistenceMode: "extended" };
    await threads.open.create({ ...PARAMS, eventPersistenceMode: "extended" }, extended);
    await threads.appendAs(extended);
    await threads.open.shutdown(ID);
    await threads.open.resume({ threadId: ID, eventPersistenceMode: "limited" });
    await threads.appendAs(extended, "exec_command_end");
    expect(await threads.eventTypes()).toStrictEqual(["user_message", "exec_command_end"]);
  });

  it("has a thread open that a writer may have, without taking it over", async () => {
    await threads.open.create(PARAMS);
    await threads.append();
    await threads.open.resume({ threadId: ID }, ONE);
    await threads.appendAs(ONE, "agent_message");
    await threads.append();
    expect(await threads.eventTypes()).toStrictEqual(["user_message", "agent_message", "user_message"]);
    expect(await codeOf(threads.open.resume({ threadId: ID }, TWO))).toBe("conflict");
  });

  it("made a thread that a writer cannot have while nothing is written to it", async () => {
    await threads.open.create(PARAMS);
    expect(await codeOf(threads.open.resume({ threadId: ID }, ONE))).toBe("thread_not_found");
    await threads.append();
    expect(await threads.eventTypes()).toStrictEqual(["user_message"]);
  });

  it("goes on with a thread that a writer shut down", async () => {
    await openFor(ONE);
    await threads.open.shutdown(ID, ONE);
    await threads.append("agent_message");
    expect(await threads.eventTypes()).toStrictEqual(["user_message", "agent_message"]);
  });
});

describe("a thread that was given back because its writer asked for nothing", () => {
  beforeEach(async () => {
    await openFor(ONE);
    await vi.advanceTimersByTimeAsync(IDLE_MS);
    expect(threads.open.size).toBe(0);
  });

  it("is opened again when the writer goes on, and is its own", async () => {
    await threads.appendAs(ONE, "agent_message");
    expect(await threads.eventTypes()).toStrictEqual(["user_message", "agent_message"]);
    expect(await codeOf(threads.open.resume({ threadId: ID }, TWO))).toBe("conflict");
  });

  it("can be had by another one, and the writer before is fenced", async () => {
    await threads.open.resume({ threadId: ID }, TWO);
    expect(await codeOf(threads.appendAs(ONE))).toBe("conflict");
    await threads.appendAs(TWO, "agent_message");
    expect(await threads.eventTypes()).toStrictEqual(["user_message", "agent_message"]);
  });

  it("can be had by another one while the real Codex has it open", async () => {
    await threads.append("agent_message");
    await threads.open.resume({ threadId: ID }, TWO);
    expect([await codeOf(use(ONE)), await codeOf(use(TWO))]).toStrictEqual(["conflict", "no error"]);
  });

  it("fences the writer before also when it is given back once more", async () => {
    await threads.open.resume({ threadId: ID }, TWO);
    await vi.advanceTimersByTimeAsync(IDLE_MS);
    expect([await codeOf(threads.appendAs(ONE)), threads.open.size]).toStrictEqual(["conflict", 0]);
    await threads.appendAs(TWO, "agent_message");
    expect(await threads.eventTypes()).toStrictEqual(["user_message", "agent_message"]);
  });

  it("can be archived, and the writer cannot go on with it", async () => {
    await archive();
    expect(await codeOf(threads.appendAs(ONE))).toBe("invalid_request");
    await threads.appendAs({ ...ONE, includeArchived: true }, "agent_message");
    expect(await threads.eventTypes()).toStrictEqual(["user_message", "agent_message"]);
  });
});

describe("a thread that was given back before its writer wrote to it", () => {
  beforeEach(async () => {
    await threads.open.create(PARAMS, ONE);
    await vi.advanceTimersByTimeAsync(IDLE_MS);
  });

  it("is made again when the writer goes on", async () => {
    await threads.appendAs(ONE);
    expect(await threads.eventTypes()).toStrictEqual(["user_message"]);
  });

  it("can be made by another one, and the writer before is fenced", async () => {
    await openFor(TWO);
    expect(await codeOf(threads.appendAs(ONE))).toBe("conflict");
    expect(await threads.eventTypes()).toStrictEqual(["user_message"]);
  });
});

describe("after a restart of the server", () => {
  it.each([
    ["extended", ["exec_command_end", "user_message"]],
    ["limited", ["user_message"]],
  ] as const)("a writer goes on with its own persistence mode, %s", async (eventPersistenceMode, stored) => {
    const writer: RemoteWriter = { ...ONE, eventPersistenceMode };
    await threads.open.create({ ...PARAMS, eventPersistenceMode }, writer);
    await threads.open.use({ threadId: ID, writer }, () => threads.store.persistThread(ID));
    await threads.restart();
    await threads.appendAs(writer, "exec_command_end");
    await threads.appendAs(writer);
    expect(await threads.eventTypes()).toStrictEqual(stored);
  });

  it("a writer goes on with an archived thread when it asked for those too", async () => {
    await openFor(ONE);
    await threads.restart();
    await archive();
    expect(await codeOf(threads.appendAs(ONE))).toBe("invalid_request");
    await threads.appendAs({ ...ONE, includeArchived: true }, "agent_message");
    expect(await threads.eventTypes()).toStrictEqual(["user_message", "agent_message"]);
  });

  it("a writer that went on has the thread: another one must take it over", async () => {
    await openFor(ONE);
    await threads.restart();
    await threads.appendAs(ONE, "agent_message");
    expect(await codeOf(threads.open.resume({ threadId: ID }, TWO))).toBe("conflict");
    await takeOver(TWO);
    expect(await codeOf(use(ONE))).toBe("conflict");
  });

  it.each([
    ["took it over", TWO, ONE],
    ["it was taken from", ONE, TWO],
  ])(
    "whoever writes first has the thread, the writer that %s too, and the other one gets conflict",
    async (_which, first, other) => {
      await openFor(ONE);
      await takeOver(TWO);
      await threads.restart();
      await threads.appendAs(first, "agent_message");
      expect(await codeOf(threads.appendAs(other))).toBe("conflict");
      expect(await codeOf(threads.open.resume({ threadId: ID }, other))).toBe("conflict");
      await threads.appendAs(first);
      expect(await threads.eventTypes()).toStrictEqual(["user_message", "agent_message", "user_message"]);
    },
  );

  it("a writer that goes on with a thread that nothing was written to is told that it is gone", async () => {
    await threads.open.create(PARAMS, ONE);
    await threads.restart();
    expect(await codeOf(threads.appendAs(ONE))).toBe("thread_not_found");
    await openFor(ONE);
    expect(await threads.eventTypes()).toStrictEqual(["user_message"]);
  });

  it("a writer shuts down and discards what is not open", async () => {
    await openFor(ONE);
    await threads.restart();
    await threads.open.shutdown(ID, ONE);
    await threads.open.discard(ID, ONE);
    expect(threads.open.size).toBe(0);
    expect(await threads.eventTypes()).toStrictEqual(["user_message"]);
  });
});

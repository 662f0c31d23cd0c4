import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { codeOf, eventOf, ID, PARAMS, ThreadsOfClients } from "../../test/support/threads-of-clients.js";

const HOUR_MS = 60 * 60 * 1_000;

let threads: ThreadsOfClients;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  threads = new ThreadsOfClients();
});

afterEach(async () => {
  vi.useRealTimers();
  await threads.store[Symbol.asyncDispose]();
});

describe("a thread that nobody asks for", () => {
  it("is given back after 30 seconds, and opened when it is used", async () => {
    await threads.open.create(PARAMS);
    await threads.append();
    await vi.advanceTimersByTimeAsync(29_999);
    expect(await threads.isGivenBack()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await threads.isGivenBack()).toBe(true);
    await threads.append("agent_message");
    expect(await threads.eventTypes()).toStrictEqual(["user_message", "agent_message"]);
  });

  it("is given back 30 seconds after its last call", async () => {
    await threads.open.create(PARAMS);
    await vi.advanceTimersByTimeAsync(20_000);
    await threads.append();
    await vi.advanceTimersByTimeAsync(29_999);
    expect(await threads.isGivenBack()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await threads.isGivenBack()).toBe(true);
  });

  it("is given back sooner when it is asked for", async () => {
    threads = new ThreadsOfClients({ idleMs: 10 });
    await threads.open.create(PARAMS);
    await threads.append();
    await vi.advanceTimersByTimeAsync(10);
    expect(await threads.isGivenBack()).toBe(true);
  });

  it("is not given back while a call runs", async () => {
    await threads.open.create(PARAMS);
    await threads.append();
    let release = () => {};
    const long = threads.open.use({ threadId: ID }, () => new Promise<void>((resolve) => (release = resolve)));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await threads.isGivenBack()).toBe(false);
    release();
    await long;
  });

  it("is made again when nothing was written to it", async () => {
    await threads.open.create(PARAMS);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await codeOf(threads.store.appendItems({ threadId: ID, items: [eventOf("user_message")] }))).toBe(
      "thread_not_found",
    );
    await threads.append();
    expect(await threads.eventTypes()).toStrictEqual(["user_message"]);
  });

  it("is forgotten after an hour when nothing was written to it", async () => {
    await threads.open.create(PARAMS);
    await vi.advanceTimersByTimeAsync(30_000 + HOUR_MS);
    expect(threads.open.size).toBe(0);
    expect(await codeOf(threads.append())).toBe("thread_not_found");
  });

  it("is not counted as open once it was given back", async () => {
    await threads.open.create(PARAMS);
    await threads.append();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(threads.open.size).toBe(0);
  });

  it("is not made again when something was written to it and somebody deleted it", async () => {
    await threads.open.create(PARAMS);
    await threads.append();
    await vi.advanceTimersByTimeAsync(30_000);
    await threads.store.deleteThread({ threadId: ID });
    expect(await codeOf(threads.append())).toBe("thread_not_found");
  });

  it("is opened again with the persistence mode that it was made with", async () => {
    await threads.open.create({ ...PARAMS, eventPersistenceMode: "extended" });
    await threads.append("exec_command_end");
    await vi.advanceTimersByTimeAsync(30_000);
    await threads.append("exec_command_end");
    expect(await threads.eventTypes()).toStrictEqual(["exec_command_end", "exec_command_end"]);
  });
});

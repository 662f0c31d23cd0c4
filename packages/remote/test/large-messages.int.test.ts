import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { statusOf } from "./support/codex-client.js";
import { ServedThreads, threadId, userMessage, writeThread } from "./support/served-threads.js";

const ID = threadId(1);
const ANSWER_MAX_BYTES = 4 * 1024 * 1024;

let served: ServedThreads;

beforeEach(() => {
  served = new ServedThreads();
});

afterEach(() => served[Symbol.asyncDispose]());

describe("large messages", () => {
  /** A thread whose history is somewhat more than the real Codex takes. */
  async function writeLargeThread() {
    const client = await served.serve();
    await writeThread(client, { text: "x".repeat(5_000_000) });
    return client;
  }

  it("a request of 5 MB is taken, and lists and reads without items go on", async () => {
    const client = await writeLargeThread();
    expect((await client.readThread({ threadId: ID })).thread?.threadId).toBe(ID);
    await client.appendItems({ threadId: ID, itemsJson: [userMessage("more")] });
  });

  it("an answer of more than 4 MiB is refused with a text that says how large it is", async () => {
    const client = await writeLargeThread();
    const refused = expect.stringMatching(/^the answer to LoadHistory has 50\d{5} bytes: .* 4194304$/);
    const invalid = { code: status.INVALID_ARGUMENT, details: refused };
    await expect(client.loadHistory({ threadId: ID })).rejects.toMatchObject(invalid);
    expect(await statusOf(client.readThread({ threadId: ID, includeHistory: true }))).toBe("INVALID_ARGUMENT");
  });

  it("a client may say how large an answer it takes", async () => {
    const client = await writeLargeThread();
    const max = (bytes: number) => ({ "threadstore-answer-max-bytes": String(bytes) });
    const { itemsJson } = await client.loadHistory({ threadId: ID }, max(2 * ANSWER_MAX_BYTES));
    expect(itemsJson[1]).toHaveLength(userMessage("x".repeat(5_000_000)).length);
    expect(await statusOf(client.readThread({ threadId: ID }, max(10)))).toBe("INVALID_ARGUMENT");
  });

  it("a header that cannot be read is INVALID_ARGUMENT", async () => {
    const client = await served.serve();
    await writeThread(client);
    const headers = { "threadstore-answer-max-bytes": "many" };
    expect(await statusOf(client.readThread({ threadId: ID }, headers))).toBe("INVALID_ARGUMENT");
  });

  it("an append with such a header stores nothing", async () => {
    const client = await served.serve();
    await writeThread(client);
    const append = { threadId: ID, itemsJson: [userMessage("more")] };
    await statusOf(client.appendItems(append, { "threadstore-answer-max-bytes": "many" }));
    expect((await client.loadHistory({ threadId: ID })).itemsJson).toHaveLength(2);
  });
});

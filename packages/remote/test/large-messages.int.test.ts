import { status } from "@grpc/grpc-js";
import { formatRolloutLine } from "@threadstore/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CodexClient, statusOf } from "./support/codex-client.js";
import { ServedThreads, threadId, userMessage, writeThread } from "./support/served-threads.js";

const ID = threadId(1);

let served: ServedThreads;

beforeEach(() => {
  served = new ServedThreads();
});

afterEach(() => served[Symbol.asyncDispose]());

/** A thread whose history is somewhat more than the real Codex takes. */
async function writeLargeThread(): Promise<CodexClient> {
  const client = await served.serve();
  await writeThread(client, { text: "x".repeat(5_000_000) });
  return client;
}

describe("the real Codex", () => {
  it("may send 5 MB, and lists and reads without items go on", async () => {
    const client = await writeLargeThread();
    expect((await client.readThread({ threadId: ID })).thread?.threadId).toBe(ID);
    expect((await client.listThreads({ pageSize: 25 })).threads).toHaveLength(1);
    await client.appendItems({ threadId: ID, itemsJson: [userMessage("more")] });
  });

  it("is refused an answer of more than 4 MiB with a text that says how large it is", async () => {
    const client = await writeLargeThread();
    const refused = expect.stringMatching(/^the answer to LoadHistory has 50\d{5} bytes: .* 4194304$/);
    const invalid = { code: status.INVALID_ARGUMENT, details: refused };
    await expect(client.loadHistory({ threadId: ID })).rejects.toMatchObject(invalid);
    expect(await statusOf(client.readThread({ threadId: ID, includeHistory: true }))).toBe("INVALID_ARGUMENT");
  });
});

describe("a client that knows the contract", () => {
  /** The lines of a thread as they are stored. */
  async function storedLines(): Promise<string[]> {
    const { items } = await served.memory.loadHistory({ threadId: ID });
    return items.map((item) => formatRolloutLine(item).trimEnd());
  }

  /** All pieces of a history: how many items each has, and what they say. */
  async function readPieces(client: CodexClient, direction: "asc" | "desc") {
    const counts: number[] = [];
    const lines: string[] = [];
    let from: number | null | undefined;
    do {
      const contractJson = JSON.stringify({ params: { direction, ...(from === undefined ? {} : { from }) } });
      const answer = await client.loadHistory({ threadId: ID, contractJson });
      const piece = JSON.parse(answer.contractJson) as { readonly rejected: number; readonly next: number | null };
      expect(piece).toStrictEqual({ rejected: 0, next: piece.next });
      counts.push(answer.itemsJson.length);
      lines.push(...answer.itemsJson);
      from = piece.next;
    } while (from !== null);
    return { counts, lines };
  }

  it("is sent an answer of more than 4 MiB", async () => {
    const client = await writeLargeThread();
    const { itemsJson, contractJson } = await client.loadHistory({ threadId: ID, contractJson: "{}" });
    expect(itemsJson).toStrictEqual(await storedLines());
    expect(contractJson).toBe('{"rejected":0,"next":null}');
  });

  it("is sent a history of more than 16 MiB in pieces, in both directions", async () => {
    const client = await writeLargeThread();
    const itemsJson = [userMessage("y".repeat(5_000_000))];
    for (let count = 0; count < 4; count++) await client.appendItems({ threadId: ID, itemsJson });
    const lines = await storedLines();
    // The first item is the session_meta; the fourth of the others goes beyond 16 MiB.
    expect(await readPieces(client, "asc")).toStrictEqual({ counts: [5, 1], lines });
    expect(await readPieces(client, "desc")).toStrictEqual({ counts: [4, 2], lines: lines.toReversed() });
  });

  it("is sent a thread without its history, whatever it asks for", async () => {
    const client = await writeLargeThread();
    const { thread } = await client.readThread({ threadId: ID, includeHistory: true, contractJson: "{}" });
    expect(thread?.history).toBeUndefined();
    expect(JSON.parse(thread?.contractJson ?? "")).toStrictEqual(await served.memory.readThread({ threadId: ID }));
  });
});

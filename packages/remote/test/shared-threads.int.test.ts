import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLocalThreadStore } from "@threadstore/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { statusOf } from "./support/codex-client.js";
import { event, payloadTypes, ServedThreads, threadId, userMessage, writeThread } from "./support/served-threads.js";

const ID = threadId(1);

let served: ServedThreads;

beforeEach(() => {
  served = new ServedThreads();
});

afterEach(() => served[Symbol.asyncDispose]());

function messageOf(json: string): unknown {
  return (JSON.parse(json) as { readonly payload: { readonly message?: string } }).payload.message;
}

describe("two clients of one thread", () => {
  it("append at once and lose nothing, each in its own order", async () => {
    const one = await served.serve();
    const two = served.connect();
    await one.createThread({ threadId: ID });
    const numbers = Array.from({ length: 50 }, (_, number) => number);
    const appends = numbers.flatMap((number) => [
      one.appendItems({ threadId: ID, itemsJson: [userMessage(`one ${number}`)] }),
      two.appendItems({ threadId: ID, itemsJson: [userMessage(`two ${number}`)] }),
    ]);
    await Promise.all(appends);
    const { itemsJson } = await one.loadHistory({ threadId: ID });
    const messages = itemsJson.slice(1).map((json) => String(messageOf(json)));
    for (const name of ["one", "two"]) {
      const own = messages.filter((message) => message.startsWith(name));
      expect(own).toStrictEqual(numbers.map((number) => `${name} ${number}`));
    }
    expect(messages).toHaveLength(100);
  });

  it("resume it one after the other, and both go on", async () => {
    const one = await served.serve();
    const two = served.connect();
    await writeThread(one);
    await one.resumeThread({ threadId: ID });
    await two.resumeThread({ threadId: ID });
    await one.appendItems({ threadId: ID, itemsJson: [userMessage("one")] });
    await two.appendItems({ threadId: ID, itemsJson: [userMessage("two")] });
    await one.shutdownThread({ threadId: ID });
    await two.appendItems({ threadId: ID, itemsJson: [userMessage("later")] });
    const { itemsJson } = await two.loadHistory({ threadId: ID });
    expect(itemsJson.slice(1).map(messageOf)).toStrictEqual(["Hello", "one", "two", "later"]);
  });

  it("what one appends the other reads at once, without a flush", async () => {
    const one = await served.serve();
    const two = served.connect();
    await one.createThread({ threadId: ID });
    await one.appendItems({ threadId: ID, itemsJson: [userMessage("Hello")] });
    expect((await two.readThread({ threadId: ID })).thread?.preview).toBe("Hello");
  });

  it("one archives it while the other writes it", async () => {
    const one = await served.serve();
    const two = served.connect();
    await one.createThread({ threadId: ID });
    await one.appendItems({ threadId: ID, itemsJson: [userMessage("Hello")] });
    await two.archiveThread({ threadId: ID });
    await one.appendItems({ threadId: ID, itemsJson: [event("agent_message", { message: "Hi" })] });
    const { itemsJson } = await two.loadHistory({ threadId: ID, includeArchived: true });
    expect(payloadTypes(itemsJson)).toStrictEqual([undefined, "user_message", "agent_message"]);
    expect(await statusOf(two.readThread({ threadId: ID }))).toBe("INVALID_ARGUMENT");
    expect((await two.unarchiveThread({ threadId: ID })).thread?.threadId).toBe(ID);
  });
});

describe("a client that is killed", () => {
  it("leaves its thread to another at once", async () => {
    const killed = await served.serve();
    await killed.createThread({ threadId: ID });
    await killed.appendItems({ threadId: ID, itemsJson: [userMessage("Hello")] });
    killed.close();
    const other = served.connect();
    await other.resumeThread({ threadId: ID, includeArchived: true });
    await other.appendItems({ threadId: ID, itemsJson: [userMessage("other")] });
    const { itemsJson } = await other.loadHistory({ threadId: ID });
    expect(itemsJson.slice(1).map(messageOf)).toStrictEqual(["Hello", "other"]);
  });

  it("in the middle of an append keeps nobody waiting, and nothing of that append is stored", async () => {
    const client = await served.serve();
    await client.createThread({ threadId: ID });
    await dieWhileAppending();
    await client.appendItems({ threadId: ID, itemsJson: [userMessage("other")] });
    const { itemsJson } = await client.loadHistory({ threadId: ID });
    expect(itemsJson.slice(1).map(messageOf)).toStrictEqual(["other"]);
  });

  /** Sends the first bytes of an append and is gone when the server has them. */
  async function dieWhileAppending(): Promise<void> {
    const session = connect(`http://127.0.0.1:${served.server.port}`);
    const path = "/codex.thread_store.v1.ThreadStore/AppendItems";
    const call = session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
    });
    call.on("error", () => {});
    // A message of 1,000 bytes, of which one field is sent: the id.
    call.write(Buffer.concat([Buffer.from([0, 0, 0, 3, 232, 10, ID.length]), Buffer.from(ID)]));
    await new Promise((resolve) => session.ping(resolve));
    session.destroy();
  }
});

describe("a thread that was given back before anything was written to it", () => {
  it("can be named", async () => {
    const client = await served.serve({ idleMs: 0 });
    await client.createThread({ threadId: ID });
    await expect.poll(() => statusOfOtherWriter(), { interval: 1 }).toBe("gone");
    const named = await client.updateThreadMetadata({ threadId: ID, patch: { name: "Deploy" } });
    expect(named.thread?.name).toBe("Deploy");
  });

  /** Whether the store still has the writer of the thread. */
  async function statusOfOtherWriter(): Promise<string> {
    return served.memory.flushThread(ID).then(
      () => "open",
      () => "gone",
    );
  }
});

describe("drain", () => {
  let home: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "threadstore-drain-"));
  });

  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it("gives every thread back: another store can resume it", async () => {
    await using store = openLocalThreadStore({ home });
    await using other = openLocalThreadStore({ home });
    const client = await served.serve({ store });
    await client.createThread({ threadId: ID });
    await client.appendItems({ threadId: ID, itemsJson: [userMessage("Hello")] });
    await expect(other.resumeThread({ threadId: ID })).rejects.toMatchObject({ code: "conflict" });
    expect(await served.server.countOpenThreads()).toBe(1);
    await served.server.drain();
    expect(await served.server.countOpenThreads()).toBe(0);
    await other.resumeThread({ threadId: ID });
    const { items } = await other.loadHistory({ threadId: ID });
    expect(items.slice(1).map(({ json }) => messageOf(json))).toStrictEqual(["Hello"]);
  });

  it("lets calls end that run, and takes no new ones", async () => {
    const client = await served.serve();
    await client.createThread({ threadId: ID });
    const appended = client.appendItems({ threadId: ID, itemsJson: [userMessage("x".repeat(5_000_000))] });
    await expect.poll(() => served.memory.calls().get("appendItems"), { interval: 1 }).toBe(1);
    await served.server.drain();
    await appended;
    // A call may still get onto the connection that is being closed.
    expect(["UNAVAILABLE", "CANCELLED"]).toContain(await statusOf(client.readThread({ threadId: ID })));
  });
});

import * as fs from "node:fs";
import { join } from "node:path";
import type { ThreadStore } from "@threadstore/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FailingFileSystem } from "./support/failing-file-system.js";
import { codeOf, METADATA, message, threadId, WrittenHome } from "./support/written-home.js";

const IDS = Array.from({ length: 6 }, (_, at) => threadId(at + 1));

let home: WrittenHome;
let medium: FailingFileSystem;
let store: ThreadStore;

beforeEach(async () => {
  home = new WrittenHome();
  medium = new FailingFileSystem();
  store = home.open({ files: medium.files });
  for (const id of IDS) {
    await store.createThread({ threadId: id, metadata: METADATA });
    await append(id, "begin");
    await store.flushThread(id);
  }
});

afterEach(async () => {
  await home[Symbol.asyncDispose]();
});

describe("flushes of several threads at once", () => {
  it("cost one sync", async () => {
    await flushTogether("warm");
    const before = syncs();
    await flushTogether("next");
    expect(syncs() - before).toBe(1);
  });

  it("of one thread at a time never make a log", async () => {
    for (const id of IDS) {
      await append(id, "alone");
      await store.flushThread(id);
    }
    expect(logs()).toEqual([]);
  });

  it("sync the thread's own files when the log cannot be written", async () => {
    medium.fail({ operation: "append", path: "/threadstore/log/", code: "ENOSPC", calls: 100 });
    await flushTogether("full");
    expect(await textsOf(home.open())).toEqual(IDS.map(() => ["begin", "full"]));
  });

  it("sync the thread's own files when a sync of the log fails, and go on in another log", async () => {
    await flushTogether("warm");
    medium.fail({ operation: "sync", path: "/threadstore/log/", code: "EIO" });
    await flushTogether("failed");
    await flushTogether("after");
    expect(logs().length).toBe(2);
  });

  it("tell those threads alone whose own files cannot be synced either", async () => {
    for (const id of IDS) await append(id, "now");
    medium.fail({ operation: "append", path: "/threadstore/log/", code: "ENOSPC" });
    medium.fail({ operation: "sync", path: IDS[0] as string, code: "EIO" });
    const outcomes = await Promise.all(IDS.map((id) => codeOf(store.flushThread(id))));
    expect(outcomes).toEqual(["unavailable", ...IDS.slice(1).map(() => "no error")]);
    expect(await codeOf(store.flushThread(IDS[0] as string))).toBe("no error");
  });
});

describe("the log", () => {
  it("is removed when the store is closed, and the threads' files are synced before", async () => {
    await flushTogether("more");
    expect(logs().length).toBe(1);
    const before = syncs();
    await store[Symbol.asyncDispose]();
    expect(logs()).toEqual([]);
    expect(syncs() - before).toBeGreaterThanOrEqual(IDS.length - 1);
  });

  it("holds nothing of a thread that was deleted", async () => {
    await flushTogether("a secret");
    for (const id of IDS) await store.shutdownThread(id);
    await store.deleteThread({ threadId: IDS[1] as string });
    expect(
      logs()
        .map((path) => home.read(path))
        .join(""),
    ).not.toContain("a secret");
  });

  it("is not needed for a thread that was given back", async () => {
    await flushTogether("more");
    const before = syncs();
    await store.discardThread(IDS[3] as string);
    expect(syncs() - before).toBeGreaterThan(0);
  });
});

describe("after a power cut", () => {
  it.each([
    ["nothing of what was not synced", (bytes: Buffer, from: number) => bytes.subarray(0, from)],
    ["a part of it", (bytes: Buffer, from: number) => bytes.subarray(0, from + 10)],
    ["zeros in its place", (bytes: Buffer, from: number) => bytes.fill(0, from)],
    ["a part of it and zeros", (bytes: Buffer, from: number) => bytes.fill(0, from + 10)],
    ["all of it", (bytes: Buffer) => bytes],
  ])("that leaves %s in the rollouts, every flushed item is there", async (_what, cut) => {
    const sizes = home.rollouts().map((path) => fs.statSync(at(path)).size);
    await flushTogether("one");
    await flushTogether("two");
    const crashed = crash();
    for (const [index, path] of home.rollouts().entries()) {
      fs.writeFileSync(join(crashed, path), cut(fs.readFileSync(at(path)), sizes[index] as number));
    }
    const after = home.open({ home: crashed });
    expect(await textsOf(after)).toEqual(IDS.map(() => ["begin", "one", "two"]));
    expect(fs.readdirSync(join(crashed, "threadstore/log"))).toEqual([]);
    expect(fs.existsSync(join(crashed, "threadstore/recovered"))).toBe(false);
  });

  it("keeps what has no place any more, and writes over nothing", async () => {
    const [rollout] = home.rollouts() as [string];
    const { size } = fs.statSync(at(rollout));
    await flushTogether("lost");
    const crashed = crash();
    const gone = Buffer.concat([fs.readFileSync(at(rollout)).subarray(0, size), Buffer.from('{"by":"others"}\n')]);
    fs.writeFileSync(join(crashed, rollout), gone);
    const after = home.open({ home: crashed });
    await after.listThreads({});
    expect(fs.readFileSync(join(crashed, rollout))).toEqual(gone);
    const [kept] = fs.readdirSync(join(crashed, "threadstore/recovered"));
    expect(fs.readFileSync(join(crashed, "threadstore/recovered", kept as string), "utf8")).toContain("lost");
  });

  it("leaves the log alone while its process lives", async () => {
    await flushTogether("more");
    await home.open().listThreads({});
    expect(logs().length).toBe(1);
  });
});

async function flushTogether(text: string): Promise<void> {
  for (const id of IDS) await append(id, text);
  await Promise.all(IDS.map((id) => store.flushThread(id)));
}

function append(id: string, text: string) {
  return store.appendItems({ threadId: id, items: [message(text)] });
}

/** The home as somebody finds it whose machine lost power now. */
function crash(): string {
  const copy = `${home.path}/../${fs
    .mkdtempSync(join(home.path, "..", "crashed-"))
    .split("/")
    .at(-1)}`;
  fs.cpSync(home.path, copy, { recursive: true });
  return copy;
}

function syncs(): number {
  return medium.calls("sync").length;
}

function logs(): string[] {
  return home.list("threadstore/log");
}

function at(path: string): string {
  return join(home.path, path);
}

async function textsOf(of: ThreadStore): Promise<string[][]> {
  const texts: string[][] = [];
  for (const threadId of IDS) {
    const { items } = await of.loadHistory({ threadId });
    texts.push(items.flatMap(({ json }) => /"text":"([^"]*)"/.exec(json)?.[1] ?? []));
  }
  return texts;
}

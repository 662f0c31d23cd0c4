import * as fs from "node:fs";
import { join } from "node:path";
import type { ThreadStore } from "@threadstore/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Tally } from "../support/tally.js";
import { METADATA, message, threadId, WrittenHome, writeThread } from "../support/written-home.js";
import { closedLines, cutsOf, readableLines } from "./support/cuts.js";
import { textsOf } from "./support/hung-home.js";

const NAMES = ["eins", "zwei äöü", "three\nlines", "vier 🙂", 'five "quoted" \\', "六"];
const IDS = NAMES.map((_, at) => threadId(at + 1));
const OTHER = threadId(99);

const tally = new Tally("torn journals", ["cuts of names", "cuts of metadata", "cuts of append keys", "records kept"]);

let home: WrittenHome;
let store: ThreadStore;

beforeEach(async () => {
  home = new WrittenHome();
  store = home.open({ durability: "os" });
  for (const id of [...IDS, OTHER]) await writeThread(store, { threadId: id });
});

afterEach(async () => {
  await home[Symbol.asyncDispose]();
});

describe("the names of a home, cut at a byte of the last three", () => {
  const path = "session_index.jsonl";

  it("keep those before the cut, and the next name is a line of its own", async () => {
    const whole = Buffer.from(IDS.map((id, at) => nameEntry(id, NAMES[at] as string)).join(""));
    for (const [at, cut] of cutsOf(whole, 3).entries()) {
      fs.writeFileSync(join(home.path, path), cut.bytes);
      const kept = NAMES.slice(0, readableLines(whole, cut));
      const { [OTHER]: _other, ...names } = await namesOf(store);
      expect(names).toEqual(byId(kept));
      const next = `next ${at}`;
      await store.updateThreadMetadata({ threadId: OTHER, patch: { name: next } });
      expect(await namesOf(store)).toEqual({ ...byId(kept), [OTHER]: next });
      expect((await store.findThreadByName({ name: NAMES[0] as string, sources: "all" }))?.threadId).toBe(IDS[0]);
      const lines = fs.readFileSync(join(home.path, path));
      expect(lines.subarray(0, cut.kept).equals(whole.subarray(0, cut.kept))).toBe(true);
      expect(JSON.parse(lines.toString().trimEnd().split("\n").at(-1) ?? "")).toMatchObject({ thread_name: next });
      tally.add("cuts of names");
      tally.add("records kept", kept.length);
    }
  });
});

describe("the metadata journal, cut at a byte of its last three records", () => {
  const path = "threadstore/journal/metadata.jsonl";

  async function writeJournal(): Promise<Buffer> {
    for (const [at, id] of IDS.entries()) {
      await store.updateThreadMetadata({ threadId: id, patch: { gitInfo: { branch: NAMES[at] as string } } });
    }
    return fs.readFileSync(join(home.path, path));
  }

  it("keeps what is before the cut, and goes on after it, with and without the index", async () => {
    const whole = await writeJournal();
    const headers = 1;
    for (const [at, cut] of cutsOf(whole, 3).entries()) {
      // Zeros in the place of records are of the same length: only an index that is made anew reads them again.
      if (cut.kind === "zeros") fs.rmSync(join(home.path, "threadstore/cache"), { recursive: true, force: true });
      fs.writeFileSync(join(home.path, path), cut.bytes);
      const kept = NAMES.slice(0, closedLines(whole, cut.kept) - headers);
      expect(await branchesOf(store)).toEqual(byId(kept));
      const branch = `next ${at}`;
      const changed = await store.updateThreadMetadata({ threadId: OTHER, patch: { gitInfo: { branch } } });
      expect(changed).toMatchObject({ revision: 1, gitInfo: { branch } });
      expect(await branchesOf(store)).toEqual({ ...byId(kept), [OTHER]: branch });
      await using other = home.open();
      fs.rmSync(join(home.path, "threadstore/cache"), { recursive: true });
      expect(await branchesOf(other)).toEqual({ ...byId(kept), [OTHER]: branch });
      tally.add("cuts of metadata");
      tally.add("records kept", kept.length);
    }
  });

  it("of whose records only zeros are left tells what is there, whatever the index read before", async () => {
    const whole = await writeJournal();
    expect(await branchesOf(store)).toEqual(byId(NAMES));
    const kept = whole.lastIndexOf(10, whole.length - 2) + 1;
    const zeros = Buffer.alloc(whole.length - kept);
    fs.writeFileSync(join(home.path, path), Buffer.concat([whole.subarray(0, kept), zeros]));
    expect(await branchesOf(home.open())).toEqual(byId(NAMES.slice(0, -1)));
  });
});

describe("the append keys of a thread, cut at a byte of the last three", () => {
  const id = threadId(50);
  const path = `threadstore/journal/appends/${id}.jsonl`;
  const texts = ["a", "b é", "c\n", "d 漢", "e 🙂", "f"];

  it("keep those before the cut, hurt no item, and remember the keys that follow", async () => {
    await store.createThread({ threadId: id, metadata: METADATA });
    const append = (text: string) =>
      store.appendItems({ threadId: id, items: [message(text)], idempotencyKey: `key of ${text}` });
    for (const text of texts) await append(text);
    await store.shutdownThread(id);
    const rollout = home.rollouts().find((file) => file.includes(id)) as string;
    const files = [path, rollout].map((file) => join(home.path, file)) as [string, string];
    const [whole, items] = files.map((file) => fs.readFileSync(file)) as [Buffer, Buffer];
    for (const cut of cutsOf(whole, 3)) {
      fs.writeFileSync(files[0], cut.bytes);
      fs.writeFileSync(files[1], items);
      await store.resumeThread({ threadId: id });
      const known = texts.slice(0, closedLines(whole, cut.kept) - 1);
      for (const text of known) expect(await append(text)).toMatchObject({ repeated: true });
      expect(await append("new")).toMatchObject({ repeated: false });
      await store.shutdownThread(id);
      await store.resumeThread({ threadId: id });
      for (const text of [...known, "new"]) expect(await append(text)).toMatchObject({ repeated: true });
      await store.shutdownThread(id);
      expect(await textsOf(store, id)).toEqual([...texts, "new"]);
      tally.add("cuts of append keys");
      tally.add("records kept", known.length);
    }
  });
});

function nameEntry(id: string, name: string): string {
  return `${JSON.stringify({ id, thread_name: name, updated_at: "2026-01-01T00:00:00Z" })}\n`;
}

/** What the first threads are called, as what `namesOf` gives. */
function byId(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, at) => [IDS[at] as string, name]));
}

async function namesOf(from: ThreadStore): Promise<Record<string, string>> {
  const { data } = await from.listThreads({ sources: "all" });
  return Object.fromEntries(data.flatMap((thread) => (thread.name ? [[thread.threadId, thread.name]] : [])));
}

async function branchesOf(from: ThreadStore): Promise<Record<string, string>> {
  const { data } = await from.listThreads({ sources: "all" });
  const told = data.map((thread) => [thread.threadId, thread.gitInfo?.branch] as const);
  return Object.fromEntries(told.filter(([, branch]) => branch !== undefined)) as Record<string, string>;
}

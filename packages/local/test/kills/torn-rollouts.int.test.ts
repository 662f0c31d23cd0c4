import * as fs from "node:fs";
import { join } from "node:path";
import type { HistoryMode, RolloutItem, StoredItem, ThreadStore } from "@threadstore/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Tally } from "../support/tally.js";
import { METADATA, message, threadId, WrittenHome } from "../support/written-home.js";
import { type CutFile, closedLines, cutsOf, lineEnds, readableLines } from "./support/cuts.js";
import { textsOf } from "./support/hung-home.js";

const ONE = threadId(1);
const TEXTS = ["one", "two\nlines", "drei Zeilen\r\näöü é 漢字", '🙂 "quoted" \\ \u2028 and\nso on', "five 🧵🧵\n\n"];
const APPENDED = "the one after 🙂\n";

const tally = new Tally("torn rollouts", ["cuts", "fragments", "items kept", "appends after a cut"]);

let home: WrittenHome;

beforeEach(() => {
  home = new WrittenHome();
});

afterEach(async () => {
  await home[Symbol.asyncDispose]();
});

describe.each(["paginated", "legacy"] as const)(
  "a %s rollout that is cut at a byte of its last three records",
  (mode) => {
    it("keeps what is before the cut, and goes on after it with a record of its own", async () => {
      const whole = await writeRollout(home.open({ durability: "os" }), mode);
      const cuts = cutsOf(whole.bytes, 3);
      const threads = cuts.map((cut, at) => ({ cut, threadId: threadId(at + 1_000), path: placeCut(whole, cut, at) }));
      const store = home.open({ durability: "os" });
      await expectListed(store, threads.length);
      for (const thread of threads) await expectCut(store, { ...thread, whole: whole.bytes, mode });
      // Another process finds all of that too, without the index.
      await store[Symbol.asyncDispose]();
      fs.rmSync(join(home.path, "threadstore/cache"), { recursive: true });
      const fresh = home.open();
      await expectListed(fresh, threads.length);
      for (const { threadId: id, cut } of threads) {
        const count = readableLines(whole.bytes, cut) - 1;
        expect(await textsOf(fresh, id)).toEqual([...TEXTS.slice(0, count), APPENDED]);
      }
    });
  },
);

describe.each(["paginated", "legacy"] as const)("an append of three items to a %s thread that is cut", (mode) => {
  const texts = ["first é\n", "second 漢", "third 🙂\n"];

  async function retry(isOfInterest: (closed: number) => boolean): Promise<Set<string>> {
    const store = home.open({ durability: "os" });
    await store.createThread({ threadId: ONE, metadata: METADATA, historyMode: mode });
    await store.appendItems({ threadId: ONE, items: [message("one")], idempotencyKey: "one" });
    const append = () => store.appendItems({ threadId: ONE, items: texts.map(message), idempotencyKey: "three" });
    await append();
    await store.shutdownThread(ONE);
    const [rollout, keys] = [home.rollout, `threadstore/journal/appends/${ONE}.jsonl`].map((path) =>
      join(home.path, path),
    );
    const [bytes, keyBytes] = [fs.readFileSync(rollout as string), fs.readFileSync(keys as string)];
    const seen = new Set<string>();
    for (const cut of cutsOf(bytes, 3)) {
      if (!isOfInterest(readableLines(bytes, cut) - 2)) continue;
      fs.writeFileSync(rollout as string, cut.bytes);
      fs.writeFileSync(keys as string, keyBytes);
      await store.resumeThread({ threadId: ONE });
      await append();
      await store.shutdownThread(ONE);
      tally.add("cuts");
      seen.add(JSON.stringify(await textsOf(store, ONE)));
    }
    return seen;
  }

  it("within its first item is stored once when it is repeated", async () => {
    expect(await retry((items) => items === 0)).toEqual(new Set([JSON.stringify(["one", ...texts])]));
  });

  it("after its first item is stored once when it is repeated", async () => {
    expect(await retry((items) => items > 0)).toEqual(new Set([JSON.stringify(["one", ...texts])]));
  });
});

interface WholeRollout {
  readonly path: string;
  readonly bytes: Buffer;
}

/** Writes a thread, and takes its rollout out of the home. */
async function writeRollout(store: ThreadStore, historyMode: HistoryMode): Promise<WholeRollout> {
  await store.createThread({ threadId: ONE, metadata: METADATA, historyMode });
  for (const text of TEXTS) await store.appendItems({ threadId: ONE, items: [escaped(text)] });
  await store[Symbol.asyncDispose]();
  const path = home.rollout;
  const bytes = fs.readFileSync(join(home.path, path));
  fs.rmSync(join(home.path, path));
  return { path, bytes };
}

/** Every second message is of escapes, the others of raw UTF-8. */
function escaped(text: string): RolloutItem | { readonly json: string } {
  const json = JSON.stringify(message(text));
  if (text.length % 2 === 0) return message(text);
  return { json: json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`) };
}

/** Puts a cut rollout into the home as that of a thread of its own; returns its path. */
function placeCut({ path }: WholeRollout, { bytes }: CutFile, at: number): string {
  const id = threadId(at + 1_000);
  const place = join(home.path, path.replace(ONE, id));
  // An id is as long as any other: nothing else moves.
  fs.writeFileSync(place, Buffer.from(bytes.toString("latin1").replaceAll(ONE, id), "latin1"));
  return place;
}

async function expectListed(store: ThreadStore, count: number): Promise<void> {
  const ids: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await store.listThreads({ sources: "all", pageSize: 500, ...(cursor ? { cursor } : {}) });
    ids.push(...page.data.map((thread) => thread.threadId));
    cursor = page.nextCursor;
  }
  expect(ids.sort()).toEqual(Array.from({ length: count }, (_, at) => threadId(at + 1_000)));
}

interface CutThread {
  readonly threadId: string;
  readonly path: string;
  readonly cut: CutFile;
  readonly whole: Buffer;
  readonly mode: HistoryMode;
}

async function expectCut(store: ThreadStore, { threadId: id, path, cut, whole, mode }: CutThread): Promise<void> {
  const before = fs.readFileSync(path);
  const count = readableLines(whole, cut) - 1;
  const hasFragment = before.at(-1) !== 10;
  tally.add("cuts");
  if (hasFragment) tally.add("fragments");
  expect(await textsOf(store, id)).toEqual(TEXTS.slice(0, count));
  tally.add("items kept", count);
  expect(await textsBackwards(store, id)).toEqual(TEXTS.slice(0, count));
  expect(fs.readFileSync(path).equals(before), "reading changed a rollout").toBe(true);
  await store.resumeThread({ threadId: id });
  const { firstOrdinal } = await store.appendItems({ threadId: id, items: [message(APPENDED)] });
  await store.shutdownThread(id);
  tally.add("appends after a cut");
  // A fragment keeps its place in a legacy rollout, which counts lines; in a paginated one it has none.
  const places = mode === "legacy" ? closedLines(whole, cut.kept) + (hasFragment ? 1 : 0) : count + 1;
  expect({ kept: cut.kept, kind: cut.kind, firstOrdinal }).toEqual({
    kept: cut.kept,
    kind: cut.kind,
    firstOrdinal: places,
  });
  expect(await textsOf(store, id)).toEqual([...TEXTS.slice(0, count), APPENDED]);
  expectGrown(before, fs.readFileSync(path), hasFragment);
}

/** What was there stays byte for byte; a fragment is closed off, and one whole line follows. */
function expectGrown(before: Buffer, after: Buffer, hasFragment: boolean): void {
  expect(after.subarray(0, before.length).equals(before)).toBe(true);
  const added = after.subarray(before.length);
  expect(added[0] === 10).toBe(hasFragment);
  expect(lineEnds(added).length).toBe(hasFragment ? 2 : 1);
  expect(added.at(-1)).toBe(10);
}

async function textsBackwards(store: ThreadStore, id: string): Promise<string[]> {
  const items: StoredItem[] = [];
  for await (const batch of store.readHistory({ threadId: id, direction: "desc", batchBytes: 200 })) {
    items.push(...batch.items);
  }
  const messages = items.reverse().filter(({ item }) => item.type === "response_item");
  return messages.map(({ item }) => (item.payload as { content: [{ text: string }] }).content[0].text);
}

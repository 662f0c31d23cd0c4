import * as fs from "node:fs";
import { join } from "node:path";
import { systemIds } from "@threadstore/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FailingFileSystem, type Fault } from "../../test/support/failing-file-system.js";
import { makeHome } from "../../test/support/write-home.js";
import { SafeNames } from "../file-system/safe-names.js";
import { type AppendKey, AppendKeys, appendKeysPath, hashBlock, hashItems } from "./append-keys.js";
import { formatRecord } from "./journal-lines.js";

const ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";
const NAME = `rollout-2026-01-01T00-00-00-${ID}.jsonl`;

let home: ReturnType<typeof makeHome>;
let rollout: string;
let path: string;
let medium: FailingFileSystem;
let opened: AppendKeys[];

beforeEach(() => {
  home = makeHome();
  rollout = join(home.path, NAME);
  path = appendKeysPath(home.path, ID);
  medium = new FailingFileSystem();
  opened = [];
});

afterEach(() => {
  for (const keys of opened) keys.close();
  home.remove();
});

describe("a key", () => {
  it("that was recorded and whose lines were written is known to the next writer", () => {
    const keys = open();
    const [a, b] = [write(keys, "a"), write(keys, "b")];
    expect([keys.find("a"), keys.find("b"), keys.find("c")]).toStrictEqual([a, b, undefined]);
    expect(found("a", "b", "c")).toStrictEqual([a, b, undefined]);
  });

  it("whose lines were never written is forgotten, and so is what was recorded after it", () => {
    const keys = open();
    const a = write(keys, "a");
    keys.record([keyOf("b"), keyOf("c")]);
    expect(found("a", "b", "c")).toStrictEqual([a, undefined, undefined]);
  });

  it.each([
    ["half of its lines", (text: string) => text.slice(0, text.length / 2)],
    ["other lines of the same length", (text: string) => text.replace("lines", "LINES")],
    ["zeros", (text: string) => "\0".repeat(text.length)],
  ])("that has %s in the rollout is forgotten", (_what, damage) => {
    const keys = open();
    const a = write(keys, "a");
    keys.record([keyOf("b")]);
    fs.appendFileSync(rollout, damage(linesOf("b")));
    expect(found("a", "b")).toStrictEqual([a, undefined]);
  });

  it("that was forgotten is gone from the file with the next record", () => {
    const keys = open();
    write(keys, "a");
    keys.record([keyOf("b")]);
    write(open(), "c");
    expect(keysInFile()).toStrictEqual(["a", "c"]);
  });

  it("of lines that were lost is forgotten, also when later lines are there", () => {
    const keys = open();
    const [, b] = [write(keys, "a"), write(keys, "b")];
    damage("a");
    expect(found("a", "b")).toStrictEqual([undefined, b]);
  });

  it("of lines that were flushed is not looked at again", () => {
    const keys = open();
    const a = write(keys, "a");
    keys.markSafe(keys.batch);
    const b = write(keys, "b");
    damage("a");
    expect(found("a", "b")).toStrictEqual([a, b]);
  });

  it("of an append that kept nothing is recorded with the next one that keeps something", () => {
    const keys = open();
    const nothing = { ...keyOf("nothing", ""), firstOrdinal: null };
    keys.remember([nothing]);
    expect([keys.find("nothing"), fs.existsSync(path)]).toStrictEqual([nothing, false]);
    const a = write(keys, "a");
    expect(found("nothing", "a")).toStrictEqual([nothing, a]);
  });

  it("whose lines were never written is forgotten, also when one that kept nothing was recorded after it", () => {
    const keys = open();
    const a = write(keys, "a");
    keys.record([keyOf("b"), { ...keyOf("nothing", ""), firstOrdinal: null }]);
    expect(found("a", "b")).toStrictEqual([a, undefined]);
  });

  it("of a rollout that never came to be is forgotten", () => {
    open(null).record([keyOf("a")]);
    expect(open(null).find("a")).toBe(undefined);
  });

  it("of an earlier rollout of the thread is known in the next one", () => {
    const a = write(open(), "a");
    const segment = join(home.path, `rollout-2026-01-02T00-00-00-${ID}_${ID}.jsonl`);
    fs.writeFileSync(segment, "");
    expect(open(segment).find("a")).toStrictEqual(a);
  });

  it("whose lines were never written is forgotten, also when the thread goes on in another rollout", () => {
    const keys = open();
    const a = write(keys, "a");
    keys.record([keyOf("b")]);
    // Nobody asked for a key before the thread was reverted: nothing was verified until now.
    const segment = open(null);
    expect([segment.find("a"), segment.find("b")]).toStrictEqual([a, undefined]);
  });
});

describe("taking back", () => {
  it("forgets keys at once, and for good with the next record", () => {
    const keys = open();
    write(keys, "a");
    const failed = [keyOf("b"), keyOf("c")];
    keys.record(failed);
    keys.takeBack(failed);
    expect([keys.find("b"), keys.find("c")]).toStrictEqual([undefined, undefined]);
    write(keys, "d");
    expect(keysInFile()).toStrictEqual(["a", "d"]);
    expect(found("a", "b", "c", "d").map((key) => key?.key)).toStrictEqual(["a", undefined, undefined, "d"]);
  });

  it("forgets keys that were not written yet", () => {
    const keys = open();
    const nothing = { ...keyOf("nothing", ""), firstOrdinal: null };
    keys.remember([nothing]);
    keys.takeBack([nothing]);
    write(keys, "a");
    expect(keysInFile()).toStrictEqual(["a"]);
  });
});

describe("the bound", () => {
  it("is the last 1,000 keys, in memory and for the next writer", () => {
    const keys = open();
    for (let at = 0; at < 1_100; at += 100) writeMany(keys, at, 100);
    const known = (one: AppendKeys) => Array.from({ length: 1_100 }, (_, at) => one.find(`k${at}`) !== undefined);
    const last = Array.from({ length: 1_100 }, (_, at) => at >= 100);
    expect(known(keys)).toStrictEqual(last);
    expect(known(open()).slice(100)).toStrictEqual(last.slice(100));
  });

  it("makes the file anew with the keys that are remembered once it holds twice as many", () => {
    const keys = open();
    const sizes: number[] = [];
    for (let at = 0; at < 3_000; at += 250) {
      writeMany(keys, at, 250);
      sizes.push(fs.readFileSync(path, "utf8").split("\n").length - 2);
    }
    expect(sizes.slice(0, 8)).toStrictEqual([250, 500, 750, 1_000, 1_250, 1_500, 1_750, 2_000]);
    expect(sizes.slice(8).filter((size) => size < 1_000 || size > 2_000)).toStrictEqual([]);
    expect(keysInFile().slice(-1_000)).toStrictEqual(Array.from({ length: 1_000 }, (_, at) => `k${2_000 + at}`));
  });

  it("holds for a file with more keys that is opened", () => {
    const keys = open();
    writeMany(keys, 0, 500);
    for (let at = 500; at < 1_700; at += 100) writeMany(keys, at, 100);
    const next = open();
    write(next, "last");
    expect([next.find("k0"), next.find("k700"), next.find("k701")?.key]).toStrictEqual([undefined, undefined, "k701"]);
  });
});

describe("the file of keys", () => {
  it("is for its owner only, and appended to by the next writer", () => {
    write(open(), "a");
    const before = fs.readFileSync(path, "utf8");
    write(open(), "b");
    expect(fs.readFileSync(path, "utf8").startsWith(before)).toBe(true);
    expect((fs.statSync(path).mode & 0o777).toString(8)).toBe("600");
  });

  it("of a newer version is refused and stays as it is", () => {
    write(open(), "a");
    const newer = formatRecord({ type: "header", version: 2, generation: "g", bytes: 0 });
    fs.writeFileSync(path, newer);
    expect(() => open()).toThrow(expect.objectContaining({ code: "unavailable" }));
    expect(fs.readFileSync(path, "utf8")).toBe(newer);
  });

  it("cut at any byte gives the key when it is whole, and takes the next one", () => {
    const a = write(open(), "a");
    const whole = fs.readFileSync(path);
    for (let cut = 1; cut <= whole.length; cut++) {
      fs.writeFileSync(path, whole.subarray(0, cut));
      const kept = cut === whole.length ? a : undefined;
      const torn = open();
      expect(torn.find("a")).toStrictEqual(kept);
      torn.record([keyOf("c", "")]);
      expect(keysInFile()).toStrictEqual(kept ? ["a", "c"] : ["c"]);
    }
  });

  it.each<Fault>([
    { operation: "append", afterBytes: 30 },
    { operation: "append" },
    { operation: "openToAppend", code: "EMFILE" },
  ])("that cannot be written by $operation is whole again with the next record", (fault) => {
    write(open(), "a");
    const keys = open();
    medium.fail(fault);
    const failed = [keyOf("b")];
    expect(() => keys.record(failed)).toThrow();
    keys.takeBack(failed);
    write(keys, "c");
    expect(keysInFile()).toStrictEqual(["a", "c"]);
    expect(found("a", "b", "c").map((key) => key?.key)).toStrictEqual(["a", undefined, "c"]);
  });
});

describe("the hash of items", () => {
  it("tells items from others, in their order", () => {
    const hashes = [["a"], ["a", "b"], ["b", "a"], ["ab"], []].map((texts) =>
      hashItems(texts.map((json) => ({ json }))),
    );
    expect(new Set(hashes).size).toBe(5);
  });
});

/** The keys as a writer finds them that goes on in this rollout. */
function open(rolloutPath: string | null = rollout): AppendKeys {
  const keys = AppendKeys.open({
    files: medium.files,
    home: home.path,
    threadId: ID,
    rolloutPath,
    ids: systemIds,
    names: new SafeNames(medium.files, home.path),
    isDurable: false,
  });
  opened.push(keys);
  return keys;
}

function found(...names: readonly string[]): (AppendKey | undefined)[] {
  const keys = open();
  return names.map((name) => keys.find(name));
}

/** Records a key and then writes its lines, as a writer does. Returns what the writer knows of it from then on. */
function write(keys: AppendKeys, name: string): AppendKey {
  const key = keyOf(name);
  keys.record([key]);
  fs.appendFileSync(rollout, linesOf(name));
  keys.settle();
  const known = keys.find(name) as AppendKey;
  expect(known).toMatchObject(key);
  return known;
}

function writeMany(keys: AppendKeys, from: number, count: number): void {
  const names = Array.from({ length: count }, (_, at) => `k${from + at}`);
  let offset = sizeOfRollout();
  const many = names.map((name) => {
    const key = keyOf(name, linesOf(name), offset);
    offset += key.written.bytes;
    return key;
  });
  keys.record(many);
  fs.appendFileSync(rollout, names.map(linesOf).join(""));
  keys.settle();
}

function keyOf(key: string, lines = linesOf(key), offset = sizeOfRollout()): AppendKey {
  const written = { rolloutName: NAME, offset, bytes: lines.length, hash: hashBlock(Buffer.from(lines)) };
  return { type: "key", key, itemsHash: hashItems([{ json: key }]), firstOrdinal: 1, nextOrdinal: 2, written };
}

function linesOf(name: string): string {
  return `the lines of ${name}\n`;
}

function sizeOfRollout(): number {
  return fs.existsSync(rollout) ? fs.statSync(rollout).size : 0;
}

/** Makes other lines of the same length of those of a key. */
function damage(name: string): void {
  const text = fs.readFileSync(rollout, "utf8");
  fs.writeFileSync(rollout, text.replace(linesOf(name), "x".repeat(linesOf(name).length)));
}

/** The keys that stand in the file, in order. */
function keysInFile(): string[] {
  const lines = fs.readFileSync(path, "utf8").trimEnd().split("\n").slice(1);
  return lines.map((line) => (JSON.parse(line.slice(9)) as AppendKey).key);
}

import * as fs from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeHome } from "../../../test/support/write-home.js";
import { nodeFileSystem } from "../../file-system/node-file-system.js";
import { encodeBlock } from "../../log/log-record.js";
import { examineLogs } from "./examine-logs.js";

const THREADS = ["01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002"] as const;

let home: ReturnType<typeof makeHome>;
let path: string;

beforeEach(() => {
  home = makeHome();
  fs.mkdirSync(join(home.path, "threadstore/log"), { recursive: true });
  path = join(home.path, "threadstore/log/a.log");
});

afterEach(() => home.remove());

const examine = () => examineLogs(nodeFileSystem, home.path);

function blockOf(...threads: readonly string[]): Buffer {
  const bytes = Buffer.from('{"type":"a"}\n');
  return encodeBlock(threads.map((threadId) => ({ threadId, path: `sessions/${threadId}.jsonl`, offset: 7, bytes })));
}

function changed(block: Buffer, at: number, byte = "?"): Buffer {
  const copy = Buffer.from(block);
  copy.write(byte, at);
  return copy;
}

const ONE = blockOf(THREADS[0], THREADS[0]);
const TWO = blockOf(...THREADS);

it.each([
  ["nothing", [], []],
  ["records", [TWO, ONE], [["log_unreplayed", 4]]],
  [
    "half a block at its end",
    [TWO, TWO.subarray(0, 99)],
    [
      ["log_unreplayed", 2],
      ["log_damaged", TWO.length],
    ],
  ],
  ["a few bytes", ["TS"], [["log_damaged", 0]]],
  [
    "zeros at its end",
    [TWO, Buffer.alloc(4096)],
    [
      ["log_unreplayed", 2],
      ["log_damaged", TWO.length],
    ],
  ],
  ["a block with one changed byte before another", [changed(TWO, TWO.length - 1), TWO], [["log_damaged", 0]]],
  ["a block of a newer format", [changed(TWO, 3, "2")], [["log_newer", 0]]],
] as const)("a log that holds %s", (_what, parts, expected) => {
  fs.writeFileSync(path, Buffer.concat(parts.map((part) => Buffer.from(part))));
  const found = examine().map(({ type, count, places }) => [type, places[0]?.offset ?? count]);
  expect(found).toEqual(expected);
});

it("a finding names the log, and the thread when all records are of one", () => {
  fs.writeFileSync(path, ONE);
  expect(examine()).toMatchObject([{ path: "threadstore/log/a.log", threadId: THREADS[0], count: 2 }]);
  fs.writeFileSync(path, TWO);
  expect(examine()[0]?.threadId).toBe(undefined);
});

it("the log of a living process is left alone, and other files are no logs", () => {
  fs.writeFileSync(path, TWO);
  fs.renameSync(path, `${path}.new`);
  expect(examine()).toEqual([]);
  fs.renameSync(`${path}.new`, path);
  const held = nodeFileSystem.openToAppend(path, "existing");
  expect(held?.tryLock("exclusive")).toBe(true);
  expect(examine()).toEqual([]);
  held?.close();
  expect(examine().length).toBe(1);
});

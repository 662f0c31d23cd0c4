import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeHome } from "../../test/support/write-home.js";
import { nodeFileSystem } from "../file-system/node-file-system.js";
import { readSessionIndex } from "./session-index.js";

const ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";
const OTHER_ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f709";

let home: ReturnType<typeof makeHome>;

beforeEach(() => {
  home = makeHome();
});

afterEach(() => {
  home.remove();
});

describe("readSessionIndex", () => {
  it("a home without an index has no names", () => {
    expect(readSessionIndex(nodeFileSystem, home.path)).toStrictEqual(new Map());
    expect(namesIn("")).toStrictEqual(new Map());
  });

  it("a byte order mark before the first entry is passed over", () => {
    const entry = linesOf([{ id: ID, thread_name: "first" }]);
    expect(namesIn(`\uFEFF${entry}`)).toStrictEqual(new Map([[ID, "first"]]));
  });

  it("the last entry of a thread counts, whatever time it says", () => {
    const entries = [
      { id: ID, thread_name: "first", updated_at: "2027-01-01T00:00:00Z" },
      { id: OTHER_ID, thread_name: "other", updated_at: "unknown" },
      { id: ID, thread_name: "last", updated_at: "2026-01-01T00:00:00Z" },
    ];
    expect(namesIn(linesOf(entries))).toStrictEqual(
      new Map([
        [ID, "last"],
        [OTHER_ID, "other"],
      ]),
    );
  });

  it("names are given as they stand there, and empty when they were taken away", () => {
    const entries = [
      { id: ID, thread_name: "name" },
      { id: ID, thread_name: "" },
      { id: OTHER_ID, thread_name: " a name\t" },
    ];
    expect(namesIn(linesOf(entries))).toStrictEqual(
      new Map([
        [ID, ""],
        [OTHER_ID, " a name\t"],
      ]),
    );
  });

  it("ids are taken in any spelling", () => {
    const entries = [
      { id: ID.toUpperCase(), thread_name: "upper" },
      { id: `urn:uuid:${OTHER_ID}`, thread_name: "urn" },
    ];
    expect(namesIn(linesOf(entries))).toStrictEqual(
      new Map([
        [ID, "upper"],
        [OTHER_ID, "urn"],
      ]),
    );
  });

  it("lines that are no entries are passed over", () => {
    const entry = JSON.stringify({ id: ID, thread_name: "name" });
    const others = [
      "",
      "garbage",
      "[]",
      "null",
      "{}",
      JSON.stringify({ id: ID }),
      JSON.stringify({ id: ID, thread_name: null }),
      JSON.stringify({ id: ID, thread_name: 5 }),
      JSON.stringify({ id: "nope", thread_name: "name" }),
      JSON.stringify({ thread_name: "name" }),
      entry.slice(0, -1),
      "\0\0\0",
    ];
    expect(namesIn(`${entry}\r\n${others.join("\n")}`)).toStrictEqual(new Map([[ID, "name"]]));
    expect(namesIn(`${others.join("\n")}\n${entry}`)).toStrictEqual(new Map([[ID, "name"]]));
  });

  it("a line that is not UTF-8 is passed over", () => {
    const entry = Buffer.from(JSON.stringify({ id: ID, thread_name: "naïve" }));
    entry[entry.indexOf("ï")] = 0xff;
    const good = Buffer.from(linesOf([{ id: ID, thread_name: "good" }]));
    expect(namesIn(Buffer.concat([good, entry]))).toStrictEqual(new Map([[ID, "good"]]));
  });

  it("an index of many megabytes is read whole", () => {
    const entries = Array.from({ length: 3_000 }, (_, number) => ({
      id: idOf(number % 100),
      thread_name: "x".repeat(number),
    }));
    const names = namesIn(linesOf(entries));
    expect([...names].map(([id, name]) => [id, name.length])).toStrictEqual(
      Array.from({ length: 100 }, (_, number) => [idOf(number), 2_900 + number]),
    );
  });
});

function namesIn(content: string | Buffer): ReadonlyMap<string, string> {
  writeFileSync(join(home.path, "session_index.jsonl"), content);
  return readSessionIndex(nodeFileSystem, home.path);
}

function linesOf(entries: readonly object[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
}

function idOf(number: number): string {
  return `00000000-0000-7000-8000-${String(number).padStart(12, "0")}`;
}

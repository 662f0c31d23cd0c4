import * as fs from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FailingFileSystem } from "../../test/support/failing-file-system.js";
import { makeHome } from "../../test/support/write-home.js";
import { nodeFileSystem } from "../file-system/node-file-system.js";
import { ThreadLocks, type WriterLock } from "../locks/thread-locks.js";
import { type LinesAt, RolloutAppender } from "./rollout-appender.js";

const ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";

let home: ReturnType<typeof makeHome>;
let path: string;
let medium: FailingFileSystem;
let lock: WriterLock;
let opened: RolloutAppender[];

beforeEach(async () => {
  home = makeHome();
  path = join(home.path, "rollout.jsonl");
  medium = new FailingFileSystem();
  opened = [];
  lock = await new ThreadLocks(nodeFileSystem, home.path).acquireWriter(ID);
});

afterEach(async () => {
  for (const appender of opened) appender.close();
  await lock.release();
  home.remove();
});

describe("a sync that failed", () => {
  it("writes what was not synced over itself, for whoever syncs next", async () => {
    const appender = await open(records("a"));
    await appender.sync();
    appender.append(records("b"));
    appender.append(records("c"));
    medium.fail({ operation: "sync", code: "EIO" });
    const before = text();
    await expect(appender.sync()).rejects.toThrow("EIO");
    expect(medium.calls("writeOver").length).toBe(1);
    await appender.sync();
    expect(medium.calls("writeOver").length).toBe(1);
    expect(text()).toBe(before);
    appender.append(records("d"));
    await appender.sync();
    expect(medium.calls("writeOver").length).toBe(1);
    expect(text()).toBe(before + line(3, "d"));
  });

  it("is not made up for when that fails, until it works", async () => {
    const appender = await open(records("a"));
    appender.append(records("b"));
    medium.fail({ operation: "sync", code: "EIO" });
    medium.fail({ operation: "writeOver", code: "EIO", calls: 2 });
    await expect(appender.sync()).rejects.toThrow("EIO");
    await expect(appender.sync()).rejects.toThrow("EIO");
    await appender.sync();
    expect(text()).toBe(line(0, "a") + line(1, "b"));
  });
});

describe("an append", () => {
  it("writes at the ordinals and the offset it was made for", async () => {
    const appender = await open(records("a"));
    const places: object[] = [];
    appender.append((place) => {
      places.push(place);
      return records("b", "c")(place);
    });
    appender.append(records("d"));
    expect(places).toStrictEqual([{ ordinal: 1, offset: line(0, "a").length }]);
    expect(text()).toBe(line(0, "a") + line(1, "b") + line(2, "c") + line(3, "d"));
    expect([appender.nextOrdinal, appender.size]).toStrictEqual([4, text().length]);
  });

  it("of no lines writes nothing, and neither does one that throws", async () => {
    const appender = await open(records("a"));
    fs.appendFileSync(path, "torn");
    appender.append(() => ({ lines: "", nextOrdinal: 1 }));
    expect(() =>
      appender.append(() => {
        throw new Error("no lines");
      }),
    ).toThrow("no lines");
    expect(text()).toBe(`${line(0, "a")}torn`);
    appender.append(records("b"));
    expect(text()).toBe(`${line(0, "a")}torn\n${line(1, "b")}`);
  });

  it.each([
    ["ENOSPC", 0],
    ["ENOSPC", 1],
    ["EIO", 30],
    ["EIO", line(1, "b").length],
    ["EROFS", 2 * line(1, "b").length - 1],
    ["ENOSPC", 2 * line(1, "b").length],
  ] as const)(
    "that fails with %s after %i bytes leaves the file as it was, and the next one works",
    async (code, bytes) => {
      const appender = await open(records("a"));
      medium.fail({ operation: "append", code, afterBytes: bytes });
      expect(codeOf(() => appender.append(records("b", "c")))).toBe(code);
      expect([text(), appender.nextOrdinal, appender.size]).toStrictEqual([line(0, "a"), 1, line(0, "a").length]);
      appender.append(records("b", "c"));
      expect(text()).toBe(line(0, "a") + line(1, "b") + line(2, "c"));
    },
  );

  it.each([1, line(1, "b").length - 1, line(1, "b").length])(
    "of which %i bytes cannot be taken back is taken back by the next one",
    async (bytes) => {
      const appender = await open(records("a"));
      medium.fail({ operation: "append", afterBytes: bytes });
      medium.fail({ operation: "truncate", code: "EIO", calls: 2 });
      expect(codeOf(() => appender.append(records("b", "c")))).toBe("ENOSPC");
      const left = line(0, "a") + (line(1, "b") + line(2, "c")).slice(0, bytes);
      expect(text()).toBe(left);
      expect(
        codeOf(() => appender.append(records("d"))),
        "still refused",
      ).toBe("EIO");
      expect(text()).toBe(left);
      appender.append(records("d"));
      expect(text()).toBe(line(0, "a") + line(1, "d"));
    },
  );

  it("that could not be taken back is taken back before anything is durable", async () => {
    const appender = await open(records("a"));
    medium.fail({ operation: "append", afterBytes: line(1, "b").length });
    medium.fail({ operation: "truncate", calls: 2 });
    expect(codeOf(() => appender.append(records("b")))).toBe("ENOSPC");
    await expect(appender.sync()).rejects.toMatchObject({ code: "ENOSPC" });
    await appender.sync();
    expect(text()).toBe(line(0, "a"));
  });

  it("to a file that is locked by another program is unavailable until it is unlocked", async () => {
    const appender = await open(records("a"));
    const other = nodeFileSystem.openToAppend(path, "either");
    other.tryLock("exclusive");
    expect(codeOf(() => appender.append(records("b")))).toBe("unavailable");
    other.close();
    appender.append(records("b"));
    expect(text()).toBe(line(0, "a") + line(1, "b"));
  });

  it("leaves the file unlocked, whether it worked or not", async () => {
    const appender = await open(records("a"));
    appender.append(records("b"));
    expect(isLocked()).toBe(false);
    medium.fail({ operation: "append" });
    expect(codeOf(() => appender.append(records("c")))).toBe("ENOSPC");
    expect(isLocked()).toBe(false);
  });

  it("after others in one turn of the event loop keeps the file locked until that turn ends", async () => {
    const appender = await open(records("a"));
    for (const name of ["b", "c", "d"]) appender.append(records(name));
    expect(isLocked()).toBe(true);
    await setImmediate();
    expect(isLocked()).toBe(false);
    fs.appendFileSync(path, `${line(4, "foreign")}{"torn`);
    appender.append(records("e"));
    expect(text()).toBe(
      `${["a", "b", "c", "d", "foreign"].map((name, at) => line(at, name)).join("")}{"torn\n${line(5, "e")}`,
    );
  });

  it("that fails after others in one turn takes back itself alone, and the next one works", async () => {
    const appender = await open(records("a"));
    for (const name of ["b", "c"]) appender.append(records(name));
    medium.fail({ operation: "append", afterBytes: 10 });
    expect(codeOf(() => appender.append(records("lost")))).toBe("ENOSPC");
    expect(isLocked()).toBe(false);
    for (const name of ["d", "e"]) appender.append(records(name));
    expect(text()).toBe(["a", "b", "c", "d", "e"].map((name, at) => line(at, name)).join(""));
    medium.fail({ operation: "append", afterBytes: 10 });
    medium.fail({ operation: "truncate" });
    expect(codeOf(() => appender.append(records("lost")))).toBe("ENOSPC");
    appender.append(records("f"));
    expect(text()).toBe(["a", "b", "c", "d", "e", "f"].map((name, at) => line(at, name)).join(""));
  });

  it("of a writer that is closed in the same turn leaves the file unlocked", async () => {
    const appender = await open(records("a"));
    for (const name of ["b", "c"]) appender.append(records(name));
    appender.close();
    opened = opened.filter((one) => one !== appender);
    expect(isLocked()).toBe(false);
    await setImmediate();
  });

  it("of a writer that was taken over is conflict and writes nothing", async () => {
    const appender = await open(records("a"));
    const next = await new ThreadLocks(nodeFileSystem, home.path).acquireWriter(ID, { takeOver: true });
    expect(codeOf(() => appender.append(records("b")))).toBe("conflict");
    expect(text()).toBe(line(0, "a"));
    await next.release();
  });

  it("to a file that was removed in a turn of appends is unavailable from the next turn on", async () => {
    const appender = await open(records("a"));
    for (const name of ["b", "c"]) appender.append(records(name));
    fs.rmSync(path);
    await setImmediate();
    expect(codeOf(() => appender.append(records("d")))).toBe("unavailable");
  });

  it("that fails cuts nothing that others wrote in the same turn", async () => {
    const appender = await open(records("a"));
    for (const name of ["b", "c"]) appender.append(records(name));
    medium.fail({ operation: "append", afterBytes: 10 });
    const foreign = line(3, "foreign");
    const failing = appendedBehind(() => fs.appendFileSync(path, foreign));
    expect(codeOf(() => appender.append(failing))).toBe("ENOSPC");
    expect(text().startsWith(["a", "b", "c"].map((name, at) => line(at, name)).join("") + foreign)).toBe(true);
    appender.append(records("d"));
    expect(text().endsWith(`\n${line(4, "d")}`)).toBe(true);
  });

  it("to a file that was removed is unavailable, and the removed file stays as it was", async () => {
    const appender = await open(records("a"));
    const removed = nodeFileSystem.openToAppend(path, "either");
    fs.rmSync(path);
    expect(codeOf(() => appender.append(records("b")))).toBe("unavailable");
    expect(removed.status().size).toBe(line(0, "a").length);
    expect(fs.existsSync(path)).toBe(false);
    removed.close();
  });
});

describe("what others left in the file", () => {
  it.each([
    ["a fragment", '{"timestamp":"2026', 1],
    ["zeros", "\0\0\0\0", 1],
    ["a record without its newline", line(1, "b").trimEnd(), 2],
  ])("%s is closed off by one newline and stays", async (_what, tail, ordinal) => {
    fs.writeFileSync(path, line(0, "a") + tail);
    const appender = await reopen();
    expect(appender.nextOrdinal).toBe(ordinal);
    expect(text(), "opening writes nothing").toBe(line(0, "a") + tail);
    appender.append(records("c"));
    appender.append(records("d"));
    expect(text()).toBe(`${line(0, "a")}${tail}\n${line(ordinal, "c")}${line(ordinal + 1, "d")}`);
  });

  it("is closed off once only when the append that did it failed", async () => {
    fs.writeFileSync(path, `${line(0, "a")}torn`);
    const appender = await reopen();
    medium.fail({ operation: "append", afterBytes: 1 });
    expect(codeOf(() => appender.append(records("b")))).toBe("ENOSPC");
    expect(text()).toBe(`${line(0, "a")}torn`);
    appender.append(records("b"));
    expect(text()).toBe(`${line(0, "a")}torn\n${line(1, "b")}`);
  });

  it("between two appends is seen, and ordinals follow it", async () => {
    const appender = await open(records("a"));
    fs.appendFileSync(path, line(1, "foreign") + line(2, "foreign"));
    appender.append(records("b"));
    fs.appendFileSync(path, '{"torn');
    appender.append(records("c"));
    expect(text()).toBe(
      `${line(0, "a")}${line(1, "foreign")}${line(2, "foreign")}${line(3, "b")}{"torn\n${line(4, "c")}`,
    );
  });

  it("between two appends of one turn of the event loop is seen, and ordinals follow it", async () => {
    const appender = await open(records("a"));
    for (const name of ["b", "c"]) appender.append(records(name));
    fs.appendFileSync(path, `${line(3, "foreign")}{"torn`);
    appender.append(records("d"));
    const before = ["a", "b", "c", "foreign"].map((name, at) => line(at, name)).join("");
    expect(text()).toBe(`${before}{"torn\n${line(4, "d")}`);
  });

  it("is less than there was: ordinals follow what is there", async () => {
    const appender = await open(records("a", "b", "c"));
    fs.truncateSync(path, line(0, "a").length);
    appender.append(records("d"));
    expect(text()).toBe(line(0, "a") + line(1, "d"));
  });
});

describe("a new rollout", () => {
  it.each(["openToAppend", "tryLock", "append"] as const)("leaves no file when %s fails", (operation) => {
    medium.fail({ operation, code: "EMFILE", afterBytes: 10 });
    expect(codeOf(() => create(records("a")))).toBe("EMFILE");
    expect(fs.existsSync(path)).toBe(false);
    create(records("a"));
    expect(text()).toBe(line(0, "a"));
  });

  it("leaves no file when its first lines cannot be taken back", () => {
    medium.fail({ operation: "append", afterBytes: line(0, "a").length });
    medium.fail({ operation: "truncate" });
    expect(codeOf(() => create(records("a")))).toBe("ENOSPC");
    expect(fs.existsSync(path)).toBe(false);
  });

  it("is not made over a file that exists", () => {
    fs.writeFileSync(path, "somebody else's");
    expect(codeOf(() => create(records("a")))).toBe("EEXIST");
    expect(text()).toBe("somebody else's");
  });

  it("that is gone cannot be opened", async () => {
    const options = { files: medium.files, path, historyMode: "paginated", lock } as const;
    expect(await RolloutAppender.open(options)).toBe(null);
  });
});

/** Lines whose making is the moment in which somebody else writes. */
function appendedBehind(write: () => void): LinesAt {
  return (place) => {
    write();
    return records("lost")(place);
  };
}

/** A rollout that was just made with these lines. */
async function open(linesAt: LinesAt): Promise<RolloutAppender> {
  create(linesAt);
  return reopen();
}

function create(linesAt: LinesAt): void {
  const options = { files: medium.files, path, historyMode: "paginated", lock, isRetry: false } as const;
  opened.push(RolloutAppender.create(options, linesAt));
}

async function reopen(): Promise<RolloutAppender> {
  const appender = await RolloutAppender.open({ files: medium.files, path, historyMode: "paginated", lock });
  opened.push(appender as RolloutAppender);
  return appender as RolloutAppender;
}

function records(...names: readonly string[]): LinesAt {
  return ({ ordinal }) => ({
    lines: names.map((name, at) => line(ordinal + at, name)).join(""),
    nextOrdinal: ordinal + names.length,
  });
}

function line(ordinal: number, name: string): string {
  return `{"timestamp":"2026-01-01T00:00:00.000Z","ordinal":${ordinal},"type":"${name}","payload":{}}\n`;
}

function text(): string {
  return fs.readFileSync(path, "utf8");
}

/** Whether another program could lock the file now. */
function isLocked(): boolean {
  const other = nodeFileSystem.openToAppend(path, "either");
  const isFree = other.tryLock("exclusive");
  other.close();
  return !isFree;
}

function codeOf(work: () => void): string | undefined {
  try {
    work();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return undefined;
}

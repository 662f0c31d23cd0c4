import * as fs from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FailingFileSystem } from "../../test/support/failing-file-system.js";
import { makeHome } from "../../test/support/write-home.js";
import type { AppendFile } from "../file-system/file-system.js";
import { nodeFileSystem } from "../file-system/node-file-system.js";
import { ThreadLocks } from "./thread-locks.js";

const A = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";
const B = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f709";
const FOLDER = "thread-writer-locks";
const MARKS = "threadstore/writers";
const COORDINATION = `${FOLDER}/.coordination.lock`;

let home: ReturnType<typeof makeHome>;
let ours: ThreadLocks;
let others: ThreadLocks;
let held: AppendFile[];

beforeEach(() => {
  home = makeHome();
  ours = new ThreadLocks(nodeFileSystem, home.path);
  others = new ThreadLocks(nodeFileSystem, home.path);
  held = [];
});

afterEach(() => {
  for (const file of held) file.close();
  home.remove();
});

describe("a writer's lock", () => {
  it("keeps everybody else out until it is released", async () => {
    const lock = await ours.acquireWriter(A);
    expect([lock.threadId, lock.wasTakenOver, lock.isHeld()]).toStrictEqual([A, false, true]);
    for (const locks of [ours, others]) {
      await expect(locks.acquireWriter(A)).rejects.toMatchObject({
        code: "conflict",
        message: `thread ${A} already has a live writer`,
      });
    }
    await lock.release();
    expect(lock.isHeld()).toBe(false);
    const next = await others.acquireWriter(A);
    expect([next.wasTakenOver, next.isHeld()]).toStrictEqual([false, true]);
    await next.release();
  });

  it("of one thread does not touch another thread", async () => {
    const [a, b] = await Promise.all([ours.acquireWriter(A), others.acquireWriter(B)]);
    expect([a.isHeld(), b.isHeld()]).toStrictEqual([true, true]);
    await a.release();
    expect([a.isHeld(), b.isHeld()]).toStrictEqual([false, true]);
    await b.release();
  });

  it("lies in the folder of the real Codex and in our own, and both files go with it", async () => {
    const lock = await ours.acquireWriter(A);
    expect(list()).toStrictEqual([COORDINATION, `${FOLDER}/${A}.lock`, `${MARKS}/${A}.lock`]);
    await lock.release();
    await lock.release();
    expect(list()).toStrictEqual([COORDINATION]);
  });

  it("is won by one of many who ask at once", async () => {
    const asked = Array.from({ length: 10 }, (_, at) => (at % 2 === 0 ? ours : others).acquireWriter(A));
    const settled = await Promise.allSettled(asked);
    const won = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const codes = settled.flatMap((one) => (one.status === "rejected" ? [(one.reason as { code: string }).code] : []));
    expect([won.length, codes]).toStrictEqual([1, Array(9).fill("conflict")]);
    await won[0]?.release();
  });

  it("that the real Codex has is conflict, also for who would take it over, and stays Codex's", async () => {
    const codex = lockFile(`${FOLDER}/${A}.lock`);
    for (const takeOver of [false, true]) {
      await expect(ours.acquireWriter(A, { takeOver })).rejects.toMatchObject({ code: "conflict" });
    }
    expect(list()).toStrictEqual([COORDINATION, `${FOLDER}/${A}.lock`]);
    expect(codex.status().isLinked).toBe(true);
    codex.close();
    const lock = await ours.acquireWriter(A);
    expect(lock.wasTakenOver).toBe(false);
    await lock.release();
  });

  it("waits for whoever is making or removing lock files", async () => {
    const coordination = lockFile(COORDINATION);
    const waiting = ours.acquireWriter(A);
    expect(list()).toStrictEqual([COORDINATION]);
    coordination.close();
    await (await waiting).release();
  });

  it.each([
    ["makeDirectory", 1],
    ["makeDirectory", 2],
    ["openToAppend", 1],
    ["openToAppend", 2],
    ["openToAppend", 3],
    ["tryLock", 1],
    ["tryLock", 2],
    ["tryLock", 3],
  ] as const)("is not half taken when %s fails as call %i", async (operation, call) => {
    const medium = new FailingFileSystem();
    medium.fail({ operation, code: "EMFILE", call });
    const locks = new ThreadLocks(medium.files, home.path);
    await expect(locks.acquireWriter(A)).rejects.toMatchObject({ code: "EMFILE" });
    await (await others.acquireWriter(A)).release();
    expect(list()).toStrictEqual([COORDINATION]);
  });
});

describe("taking over", () => {
  it("fences the writer before, whose release leaves the new lock alone", async () => {
    const first = await ours.acquireWriter(A);
    const second = await others.acquireWriter(A, { takeOver: true });
    expect([first.isHeld(), second.isHeld(), second.wasTakenOver]).toStrictEqual([false, true, true]);
    await first.release();
    expect(second.isHeld()).toBe(true);
    expect(list()).toStrictEqual([COORDINATION, `${FOLDER}/${A}.lock`, `${MARKS}/${A}.lock`]);
    await expect(ours.acquireWriter(A)).rejects.toMatchObject({ code: "conflict" });
    await second.release();
    expect(list()).toStrictEqual([COORDINATION]);
  });

  it("what nobody has is no taking over", async () => {
    const lock = await ours.acquireWriter(A, { takeOver: true });
    expect(lock.wasTakenOver).toBe(false);
    await lock.release();
  });

  it("again and again leaves one holder", async () => {
    const locks = [];
    for (const one of [ours, others, ours, others]) locks.push(await one.acquireWriter(A, { takeOver: true }));
    expect(locks.map((lock) => lock.isHeld())).toStrictEqual([false, false, false, true]);
    for (const lock of locks) await lock.release();
    expect(list()).toStrictEqual([COORDINATION]);
  });
});

describe("what is left in the lock folders", () => {
  it("by writers that ended is removed when a lock is first taken, and nothing else is", async () => {
    const stale = [`${FOLDER}/${A}.lock`, `${MARKS}/${A}.lock`, `${FOLDER}/${A.toUpperCase()}.lock`];
    const foreign = [
      `${FOLDER}/${A}.lifecycle.lock`,
      `${FOLDER}/notes.lock`,
      `${FOLDER}/${A}.lock.txt`,
      `${MARKS}/.keep`,
    ];
    for (const path of [...stale, ...foreign]) write(path, "left");
    lockFile(`${FOLDER}/${B}.lock`);
    const lock = await ours.acquireWriter("0199a3c4-5d6e-7f80-91a2-b3c4d5e6f70a");
    await lock.release();
    expect(list()).toStrictEqual([COORDINATION, ...foreign, `${FOLDER}/${B}.lock`].sort());
    expect(foreign.map((path) => fs.readFileSync(join(home.path, path), "utf8"))).toStrictEqual(Array(4).fill("left"));
  });

  it("later is left alone until its thread is opened", async () => {
    await (await ours.acquireWriter(B)).release();
    write(`${FOLDER}/${A}.lock`, "");
    await (await ours.acquireWriter(B)).release();
    expect(list()).toStrictEqual([COORDINATION, `${FOLDER}/${A}.lock`]);
    await (await ours.acquireWriter(A)).release();
    expect(list()).toStrictEqual([COORDINATION]);
  });
});

describe("a lifecycle lock", () => {
  it("is shared by those who make references, and excludes who moves or removes", async () => {
    const [first, second] = await Promise.all([ours, others].map((locks) => locks.acquireLifecycle(A, "shared")));
    const other = nodeFileSystem.openToAppend(join(home.path, FOLDER, `${A}.lifecycle.lock`), "either");
    held.push(other);
    expect(other.tryLock("exclusive")).toBe(false);
    first?.release();
    expect(other.tryLock("exclusive")).toBe(false);
    second?.release();
    expect(other.tryLock("exclusive")).toBe(true);
  });

  it("is waited for", async () => {
    const first = await ours.acquireLifecycle(A, "exclusive");
    const waiting = others.acquireLifecycle(A, "shared");
    first.release();
    (await waiting).release();
  });

  it("has nothing to do with the lock of the writer, and its file stays", async () => {
    const writer = await ours.acquireWriter(A);
    const life = await others.acquireLifecycle(A, "exclusive");
    expect(writer.isHeld()).toBe(true);
    life.release();
    await writer.release();
    expect(list()).toStrictEqual([COORDINATION, `${FOLDER}/${A}.lifecycle.lock`]);
  });
});

describe("a release", () => {
  it("that cannot remove the files gives the lock back all the same", async () => {
    const medium = new FailingFileSystem();
    const lock = await new ThreadLocks(medium.files, home.path).acquireWriter(A);
    medium.fail({ operation: "removeFile", code: "EROFS", calls: 2 });
    await lock.release();
    expect(list()).toStrictEqual([COORDINATION, `${FOLDER}/${A}.lock`, `${MARKS}/${A}.lock`]);
    await (await others.acquireWriter(A)).release();
    expect(list()).toStrictEqual([COORDINATION]);
  });

  it("in a home that is gone does not make the home again", async () => {
    const lock = await ours.acquireWriter(A);
    home.remove();
    expect(lock.isHeld()).toBe(false);
    await lock.release();
    expect(fs.existsSync(home.path)).toBe(false);
  });
});

/** Locks a file as another program would. */
function lockFile(path: string): AppendFile {
  fs.mkdirSync(join(home.path, path, ".."), { recursive: true });
  const file = nodeFileSystem.openToAppend(join(home.path, path), "either");
  expect(file.tryLock("exclusive")).toBe(true);
  return file;
}

function write(path: string, text: string): void {
  fs.mkdirSync(join(home.path, path, ".."), { recursive: true });
  fs.writeFileSync(join(home.path, path), text);
}

function list(): string[] {
  return [FOLDER, MARKS]
    .flatMap((folder) => fs.readdirSync(join(home.path, folder)).map((name) => `${folder}/${name}`))
    .sort();
}

import { type FileStatus, nodeFileSystem } from "@threadstore/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { changedFolders, loadFolderMarks, saveFolderMarks } from "../src/index/folder-marks.js";
import { IndexDatabase } from "../src/index/index-database.js";
import type { UnreadablePath } from "../src/rollout/find-rollouts.js";

const WALKED_MS = 1_000_000;
const LONG_AGO: FileStatus = { kind: "directory", size: 0, mtimeMs: 5_000.5, inode: 7 };

let index: IndexDatabase;

beforeEach(() => {
  index = new IndexDatabase([{ path: null, prepare: () => {} }], nodeFileSystem);
});

afterEach(() => {
  index.close();
});

describe("the marks of folders", () => {
  it("say that nothing changed while every folder is as it was", () => {
    save({ sessions: LONG_AGO, "sessions/2026": { ...LONG_AGO, inode: 8 }, archived_sessions: null });
    expect(isUnchanged({ sessions: LONG_AGO, "sessions/2026": { ...LONG_AGO, inode: 8 } })).toBe(true);
  });

  it.each([
    ["has another time", { sessions: { ...LONG_AGO, mtimeMs: 5_000.6 } }],
    ["is another one", { sessions: { ...LONG_AGO, inode: 9 } }],
    ["is gone", {}],
    ["was not there before", { sessions: LONG_AGO, archived_sessions: { ...LONG_AGO, inode: 9 } }],
  ])("say that something changed when a folder %s", (_what, now) => {
    save({ sessions: LONG_AGO, archived_sessions: null });
    expect(isUnchanged(now)).toBe(false);
  });

  it("are none before the first walk", () => {
    expect(loadFolderMarks(index).size).toBe(0);
  });

  it("of folders that were not walked stay as they were", () => {
    save({ sessions: LONG_AGO, "sessions/2026": LONG_AGO });
    const kept = loadFolderMarks(index);
    const newer = { ...LONG_AGO, mtimeMs: 6_000 };
    saveFolderMarks(
      index,
      { folders: new Map([["sessions/2026", newer]]), startedMs: WALKED_MS, unreadable: [] },
      kept,
    );
    expect(isUnchanged({ sessions: LONG_AGO, "sessions/2026": newer })).toBe(true);
  });

  it.each([
    [1, true],
    [0, false],
    [-1, false],
    [-5_000, false],
  ])("trust a folder that last changed 100 ms and %d more before the walk: %s", (more, isTrusted) => {
    const folder = { ...LONG_AGO, mtimeMs: WALKED_MS - 100 - more };
    save({ sessions: folder });
    expect(isUnchanged({ sessions: folder })).toBe(isTrusted);
  });

  it("do not trust a folder that could not be read, nor that of a file that could not be read", () => {
    const folders = { sessions: LONG_AGO, archived_sessions: LONG_AGO };
    save(folders, [{ path: "sessions", code: "EIO", isFolder: true }]);
    expect(isUnchanged(folders)).toBe(false);
    save(folders, [{ path: "archived_sessions/a.jsonl", code: "EIO", isFolder: false }]);
    expect(isUnchanged(folders)).toBe(false);
  });

  it("are those of the last walk", () => {
    save({ sessions: LONG_AGO, "sessions/2026": LONG_AGO });
    save({ sessions: { ...LONG_AGO, mtimeMs: 6_000 } });
    expect([...loadFolderMarks(index).keys()]).toEqual(["sessions"]);
    expect(isUnchanged({ sessions: { ...LONG_AGO, mtimeMs: 6_000 } })).toBe(true);
  });
});

type Folders = Readonly<Record<string, FileStatus | null>>;

function save(folders: Folders, unreadable: readonly UnreadablePath[] = []): void {
  saveFolderMarks(index, { folders: new Map(Object.entries(folders)), startedMs: WALKED_MS, unreadable });
}

function isUnchanged(now: Folders): boolean {
  const files = { ...nodeFileSystem, status: (path: string) => now[path.slice("/home/".length)] ?? null };
  return changedFolders({ files, home: "/home" }, loadFolderMarks(index)).length === 0;
}

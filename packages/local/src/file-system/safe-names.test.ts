import { beforeEach, describe, expect, it } from "vitest";
import type { FileSystem } from "./file-system.js";
import { nodeFileSystem } from "./node-file-system.js";
import { SafeNames } from "./safe-names.js";

const DAY = "/home/sessions/2026/01/15";

/** Syncs that were begun, in order; each ends when the test says so, or at once. */
let begun: string[];
let failing: Set<string>;
let held: (() => void)[] | null;
let made: string | undefined;
let names: SafeNames;

const files: FileSystem = {
  ...nodeFileSystem,
  makeDirectory: () => made,
  syncDirectory: async (path) => {
    begun.push(path);
    const isFailing = failing.has(path);
    if (held) await new Promise<void>((resolve) => held?.push(resolve));
    if (isFailing) throw new Error("EIO");
  },
};

beforeEach(() => {
  begun = [];
  failing = new Set();
  held = null;
  made = undefined;
  names = new SafeNames(files, "/home");
});

describe("syncing names", () => {
  it("syncs the folder each time, and once what leads to it", async () => {
    await names.sync(DAY);
    expect(begun.splice(0)).toEqual([DAY, "/home/sessions/2026/01", "/home/sessions/2026", "/home/sessions", "/home"]);
    await names.sync(DAY);
    expect(begun.splice(0)).toEqual([DAY]);
    await names.sync("/home/sessions/2026/01/16");
    expect(begun).toEqual(["/home/sessions/2026/01/16", "/home/sessions/2026/01"]);
  });

  it("syncs anew what leads to a folder that was made anew", async () => {
    await names.sync(DAY);
    begun = [];
    made = "/home/sessions/2026/01";
    names.makeFolder(DAY);
    await names.sync(DAY);
    expect(begun).toEqual([DAY, "/home/sessions/2026/01", "/home/sessions/2026"]);
  });

  it("syncs only itself outside the root", async () => {
    await names.sync("/elsewhere/folder");
    expect(begun).toEqual(["/elsewhere/folder"]);
  });

  it("makes up for what failed, also when an earlier sync of the folder goes well meanwhile", async () => {
    await names.sync(DAY);
    held = [];
    const earlier = names.sync(DAY);
    failing.add(DAY);
    const later = names.sync(DAY);
    held.shift()?.();
    await earlier;
    await expect.poll(() => held?.length).toBe(1);
    held.shift()?.();
    await expect(later).rejects.toThrow("EIO");
    held = null;
    failing.clear();
    begun = [];
    await names.settle();
    await names.settle();
    expect(begun).toEqual([DAY]);
  });

  it("is shared by calls that come while the folder is synced, and begins after them", async () => {
    await names.sync(DAY);
    begun = [];
    held = [];
    const first = names.sync(DAY);
    const others = [names.sync(DAY), names.sync(DAY), names.sync(DAY)];
    expect(begun).toEqual([DAY]);
    held.shift()?.();
    await first;
    await expect.poll(() => held?.length).toBe(1);
    expect(begun).toEqual([DAY, DAY]);
    held.shift()?.();
    await Promise.all(others);
    expect(begun).toEqual([DAY, DAY]);
  });
});

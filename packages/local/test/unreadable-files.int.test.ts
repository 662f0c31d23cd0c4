import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { examineHome, type FileSystem, nodeFileSystem, openLocalThreadStore } from "@threadstore/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeHome, seedHome } from "./support/write-home.js";
import { codeOf, METADATA, message } from "./support/written-home.js";

const EIO = { code: "EIO", errno: -5 };
const ids = Array.from({ length: 4 }, (_, at) => `01900000-0000-7000-8000-${String(at).padStart(12, "0")}`);
const UNKNOWN = "01900000-0000-7000-8000-000000000099";

/** The real file system, but for paths that it does not let anybody read. */
function forbidding(
  forbidden: (path: string) => boolean,
  { code, errno } = { code: "EACCES", errno: -13 },
): FileSystem {
  const refuse = (path: string) => {
    if (forbidden(path)) throw Object.assign(new Error(code), { errno, code });
  };
  return {
    ...nodeFileSystem,
    openToRead: (path) => {
      refuse(path);
      return nodeFileSystem.openToRead(path);
    },
    readDirectory: (path) => {
      refuse(path);
      return nodeFileSystem.readDirectory(path);
    },
  };
}

describe("files that the system does not let us read", () => {
  let home: ReturnType<typeof makeHome>;

  beforeEach(async () => {
    home = makeHome();
    await seedHome(home.path, 4);
  });

  afterEach(() => home.remove());

  async function listed(files: FileSystem): Promise<string[]> {
    await using store = openLocalThreadStore({ home: home.path, files });
    return (await store.listThreads({ sources: "all" })).data.map((thread) => thread.threadId.slice(-1));
  }

  it("hide no other thread", async () => {
    expect(await listed(forbidding((path) => path.endsWith("2.jsonl")))).toEqual(["3", "1", "0"]);
  });

  it("stay listed with what was known of them", async () => {
    expect(await listed(nodeFileSystem)).toEqual(["3", "2", "1", "0"]);
    expect(await listed(forbidding((path) => path.endsWith("2.jsonl")))).toEqual(["3", "2", "1", "0"]);
  });

  it("stay listed when a whole folder is closed", async () => {
    expect(await listed(nodeFileSystem)).toEqual(["3", "2", "1", "0"]);
    expect(await listed(forbidding((path) => path.endsWith("/2026")))).toEqual(["3", "2", "1", "0"]);
  });

  it("make calls about their thread unavailable, and no others", async () => {
    const files = forbidding((path) => path.endsWith("2.jsonl"));
    await using store = openLocalThreadStore({ home: home.path, files });
    expect(await codeOf(store.readThread({ threadId: ids[2] as string }))).toBe("unavailable");
    expect(await codeOf(store.resumeThread({ threadId: ids[2] as string }))).toBe("unavailable");
    expect((await store.readThread({ threadId: ids[1] as string })).threadId).toBe(ids[1]);
  });

  it("keep every thread from being deleted, for one of them may be its fork", async () => {
    const files = forbidding((path) => path.endsWith("2.jsonl"));
    await using store = openLocalThreadStore({ home: home.path, files });
    expect(await codeOf(store.deleteThread({ threadId: ids[1] as string }))).toBe("unavailable");
    expect((await store.readThread({ threadId: ids[1] as string })).threadId).toBe(ids[1]);
  });

  it("make calls about any thread unavailable when a folder fails that may hold more of it", async () => {
    const isFailing = (path: string) => path.endsWith("/2026");
    expect(await listed(nodeFileSystem)).toEqual(["3", "2", "1", "0"]);
    await using store = openLocalThreadStore({ home: home.path, files: forbidding(isFailing, EIO) });
    expect(await codeOf(store.readThread({ threadId: ids[1] as string }))).toBe("unavailable");
    expect((await store.listThreads({ sources: "all" })).data.length).toBe(4);
  });

  it("leave the rest of a home usable in which somebody closed a folder", async () => {
    expect(await listed(nodeFileSystem)).toEqual(["3", "2", "1", "0"]);
    const files = forbidding((path) => path.endsWith("/archived_sessions/closed"));
    mkdirSync(join(home.path, "archived_sessions/closed"), { recursive: true });
    await using store = openLocalThreadStore({ home: home.path, files });
    expect((await store.readThread({ threadId: ids[1] as string })).threadId).toBe(ids[1]);
    expect(await codeOf(store.readThread({ threadId: UNKNOWN }))).toBe("unavailable");
    await store.createThread({ threadId: UNKNOWN, metadata: METADATA });
    await store.appendItems({ threadId: UNKNOWN, items: [message("one")] });
    expect((await store.readThread({ threadId: UNKNOWN })).threadId).toBe(UNKNOWN);
  });

  it("are named by doctor", async () => {
    const { findings } = await examineHome({ home: home.path, files: forbidding((path) => path.endsWith("2.jsonl")) });
    expect(findings).toMatchObject([
      { path: expect.stringMatching(/2\.jsonl$/), type: "unreadable", explanation: "the system says EACCES" },
    ]);
  });
});

import { examineHome, type FileSystem, nodeFileSystem, openLocalThreadStore } from "@threadstore/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeHome, seedHome } from "./support/write-home.js";

/** The real file system, but for paths that it does not let anybody read. */
function forbidding(forbidden: (path: string) => boolean): FileSystem {
  const refuse = (path: string) => {
    if (forbidden(path)) throw Object.assign(new Error("EACCES: permission denied"), { errno: -13, code: "EACCES" });
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

  it("are named by doctor", async () => {
    const { findings } = await examineHome({ home: home.path, files: forbidding((path) => path.endsWith("2.jsonl")) });
    expect(findings).toMatchObject([
      { path: expect.stringMatching(/2\.jsonl$/), type: "unreadable", explanation: "the system says EACCES" },
    ]);
  });
});

import { mkdirSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeHome } from "../../test/support/write-home.js";
import { nodeFileSystem } from "../file-system/node-file-system.js";
import { findMoved, findRollouts } from "./find-rollouts.js";

const ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";
const NAME = `rollout-2026-11-20T10-51-48-${ID}.jsonl`;

let home: ReturnType<typeof makeHome>;

beforeEach(() => {
  home = makeHome();
});

afterEach(() => {
  home.remove();
});

describe("findRollouts", () => {
  it("a home without rollout folders has none", () => {
    expect(found()).toStrictEqual([]);
  });

  it("finds rollouts wherever they lie below the two folders, compressed or not", () => {
    const paths = [
      `sessions/2026/11/20/${NAME}`,
      `sessions/2026/1/2/${NAME}.zst`,
      `sessions/${NAME}`,
      `sessions/not a date/${ID}.jsonl`,
      "sessions/2026/11/20/odd.jsonl",
      `archived_sessions/${NAME}`,
      `archived_sessions/2026/${NAME}`,
    ];
    for (const path of paths) write(path);
    expect(found()).toStrictEqual(paths.toSorted());
  });

  it("passes over everything else", () => {
    const others = [
      NAME,
      "session_index.jsonl",
      "history.jsonl",
      `threadstore/cache/${NAME}`,
      `sessions.bak/${NAME}`,
      `sessions/2026/11/20/${NAME}.tmp`,
      `sessions/2026/11/20/${NAME}.zst.compress.17.1.tmp`,
      "sessions/2026/11/20/notes.txt",
    ];
    for (const path of others) write(path);
    mkdirSync(join(home.path, "sessions/2026/11/21", NAME), { recursive: true });
    expect(found()).toStrictEqual([]);
  });

  it("tells where a file lies and what it is", () => {
    write(`archived_sessions/${NAME}`);
    const path = join(home.path, "archived_sessions", NAME);
    truncateSync(path, 5);
    utimesSync(path, 1_795_171_908.5, 1_795_171_908.5);
    expect(findRollouts(nodeFileSystem, home.path).rollouts).toStrictEqual([
      {
        path: `archived_sessions/${NAME}`,
        status: { kind: "file", size: 5, mtimeMs: 1_795_171_908_500, inode: expect.any(Number) },
      },
    ]);
    write(`sessions/2026/11/20/${NAME}`);
  });

  it("follows links to files and folders, also where a whole folder of rollouts is one", () => {
    write(`elsewhere/2026/${NAME}`);
    write(`linked/${ID}.jsonl`);
    mkdirSync(join(home.path, "archived_sessions"));
    symlinkSync(join(home.path, "elsewhere"), join(home.path, "sessions"));
    symlinkSync(join(home.path, "linked"), join(home.path, "archived_sessions/folder"));
    symlinkSync(join(home.path, `linked/${ID}.jsonl`), join(home.path, `archived_sessions/link-${ID}.jsonl`));
    expect(found()).toStrictEqual([
      `archived_sessions/folder/${ID}.jsonl`,
      `archived_sessions/link-${ID}.jsonl`,
      `sessions/2026/${NAME}`,
    ]);
  });

  it("passes over links that lead nowhere", () => {
    write(`sessions/${NAME}`);
    symlinkSync(join(home.path, "gone"), join(home.path, `sessions/broken-${ID}.jsonl`));
    symlinkSync(`self-${ID}.jsonl`, join(home.path, `sessions/self-${ID}.jsonl`));
    expect(found()).toStrictEqual([`sessions/${NAME}`]);
  });

  it("a link back to a folder above ends the walk, and hides nothing", () => {
    write(`sessions/2026/${NAME}`);
    symlinkSync("..", join(home.path, "sessions/2026/back"));
    expect(found()).toContain(`sessions/2026/${NAME}`);
  });

  it("a file that vanishes while the folders are walked is not there", () => {
    write(`sessions/a/${NAME}`);
    write(`sessions/b/${NAME}`);
    const files = {
      ...nodeFileSystem,
      readDirectory: (path: string) => {
        const entries = nodeFileSystem.readDirectory(path);
        if (path.endsWith("/a")) rmSync(join(home.path, "sessions/a"), { recursive: true });
        return entries;
      },
    };
    expect(findRollouts(files, home.path).rollouts.map((file) => file.path)).toStrictEqual([`sessions/b/${NAME}`]);
  });
});

describe("findMoved", () => {
  const dated = `sessions/2026/11/20/${NAME}`;
  const archived = `archived_sessions/${NAME}`;

  it.each([
    ["is where it was", dated, dated],
    ["was archived", dated, archived],
    ["was brought back from the archive", archived, dated],
    ["is where it was, though that is no folder of dates", `sessions/odd/${ID}.jsonl`, `sessions/odd/${ID}.jsonl`],
  ])("finds a file that %s", (_what, before, now) => {
    write(now);
    expect(findMoved(nodeFileSystem, home.path, before)).toStrictEqual({
      path: now,
      status: nodeFileSystem.status(join(home.path, now)),
    });
  });

  it("is null when the file is gone, or something else has its name", () => {
    expect(findMoved(nodeFileSystem, home.path, dated)).toBeNull();
    mkdirSync(join(home.path, archived), { recursive: true });
    expect(findMoved(nodeFileSystem, home.path, dated)).toBeNull();
  });

  it("finds a file that is moved while its places are looked at", () => {
    write(archived);
    let looks = 0;
    const status = (path: string) => (looks++ < 5 ? null : nodeFileSystem.status(path));
    expect(findMoved({ ...nodeFileSystem, status }, home.path, dated)?.path).toBe(archived);
  });
});

function found(): string[] {
  return findRollouts(nodeFileSystem, home.path)
    .rollouts.map((file) => file.path)
    .sort();
}

function write(path: string): void {
  mkdirSync(dirname(join(home.path, path)), { recursive: true });
  writeFileSync(join(home.path, path), "some content\n");
}

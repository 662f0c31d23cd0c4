import { fork } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DatabaseSync } from "@photostructure/sqlite";
import {
  backupHome,
  examineHome,
  nodeFileSystem,
  openLocalThreadStore,
  restoreHome,
  verifyBackup,
} from "@threadstore/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { copyFixtureHome, type FixtureHome } from "../../../test/support/fixture-home.js";
import { DamagedHome, legacyLines, OTHER, PATH, rolloutPath, THREAD, textOf } from "./support/damaged-home.js";
import { FailingFileSystem } from "./support/failing-file-system.js";
import { makeHome } from "./support/write-home.js";
import { message, threadId, WrittenHome, writeThread } from "./support/written-home.js";

const APPENDING = fileURLToPath(new URL("./support/append-process.js", import.meta.url));

/** Every file below a folder with its bytes. */
function contentsOf(folder: string, isWanted: (path: string) => boolean = () => true): Map<string, string> {
  const entries = fs.existsSync(folder) ? fs.readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const wanted = paths.map((path) => path.slice(folder.length + 1)).filter(isWanted);
  return new Map(wanted.sort().map((path) => [path, fs.readFileSync(join(folder, path), "latin1")]));
}

const isOfThreads = (path: string) =>
  /^(archived_)?sessions\/|^session_index.jsonl$|^threadstore\/(journal|recovered)\/.*(?<!\.lock)$/.test(path);

describe("backup", () => {
  let folders: ReturnType<typeof makeHome>;
  let folder: string;
  let target: string;

  beforeEach(() => {
    folders = makeHome();
    folder = join(folders.path, "backup");
    target = join(folders.path, "restored");
  });

  afterEach(() => folders.remove());

  describe.each(["home169", "home128", "foreign"] as const)("of %s", (name) => {
    let home: FixtureHome;

    beforeEach(() => {
      home = copyFixtureHome(name);
    });

    afterEach(() => home.remove());

    it("restores into an empty home what was there, byte for byte, times included", async () => {
      const before = contentsOf(home.path);
      const made = await backupHome({ home: home.path, folder });
      expect([made.failed, made.gone, made.unchanged]).toEqual([[], 0, 0]);
      expect(contentsOf(home.path)).toEqual(before);
      expect(await verifyBackup({ folder })).toMatchObject({ files: made.files, bytes: made.bytes, damaged: [] });
      const restored = await restoreHome({ folder, home: target });
      expect([restored.conflicts, restored.damaged, restored.same]).toEqual([[], [], 0]);
      const expected = contentsOf(home.path, isOfThreads);
      expect(contentsOf(target)).toEqual(expected);
      for (const path of expected.keys()) {
        const [there, here] = [home.path, target].map((at) => fs.statSync(join(at, path)).mtimeMs);
        expect(Math.abs((here as number) - (there as number))).toBeLessThan(1);
      }
      const again = await restoreHome({ folder, home: target });
      expect([again.restored, again.same]).toEqual([[], expected.size]);
    });
  });

  it("copies what is new, adds what grew, and passes over what is as it was", async () => {
    await using home = new WrittenHome();
    const store = home.open();
    for (const number of [1, 2, 3]) await writeThread(store, { threadId: threadId(number) });
    const first = await backupHome({ home: home.path, folder });
    expect([first.copied, first.grown, first.unchanged]).toEqual([3, 0, 0]);
    const second = await backupHome({ home: home.path, folder });
    expect([second.copied, second.grown, second.unchanged]).toEqual([0, 0, 3]);
    await store.resumeThread({ threadId: threadId(2) });
    await store.appendItems({ threadId: threadId(2), items: [message("two")] });
    await store.shutdownThread(threadId(2));
    await store.archiveThread({ threadId: threadId(1) });
    await writeThread(store, { threadId: threadId(4) });
    const counting = new FailingFileSystem();
    const third = await backupHome({ home: home.path, folder, files: counting.files });
    // The journal came with archiving; the archived file itself is the one that was there.
    expect([third.copied, third.grown, third.unchanged, third.gone]).toEqual([2, 1, 2, 0]);
    const added = counting.calls("append", threadId(2)).map(({ text = "" }) => text);
    expect(added).toEqual([expect.stringMatching(/^\{[^\n]*two[^\n]*\}\n$/)]);
    expect((await verifyBackup({ folder })).damaged).toEqual([]);
    await restoreHome({ folder, home: target });
    expect(contentsOf(target)).toEqual(contentsOf(home.path, isOfThreads));
  });

  it("keeps what is gone from the home, and what a rollout held before it was made anew", async () => {
    const home = new DamagedHome();
    try {
      home.write(PATH, textOf(legacyLines(2)));
      home.write(rolloutPath(OTHER), textOf(legacyLines(1)).replaceAll(THREAD, OTHER));
      await backupHome({ home: home.path, folder });
      home.write(PATH, textOf(legacyLines(2).toSpliced(1, 1)));
      fs.rmSync(join(home.path, rolloutPath(OTHER)));
      const made = await backupHome({ home: home.path, folder });
      expect([made.copied, made.files, made.gone]).toEqual([1, 1, 1]);
      expect(await verifyBackup({ folder })).toMatchObject({ files: 3, damaged: [] });
      expect((await restoreHome({ folder, home: target })).restored).toEqual([PATH]);
      const one = await restoreHome({ folder, home: home.path, threadIds: [OTHER] });
      expect(one.restored).toEqual([rolloutPath(OTHER)]);
    } finally {
      home.remove();
    }
  });

  it("is whole while another process appends, and each one goes on from the one before", async () => {
    await using home = new WrittenHome();
    const store = home.open();
    await writeThread(store, { threadId: threadId(1) });
    const child = fork(APPENDING, [
      home.path,
      JSON.stringify({ type: "forever", name: "writer", threadId: threadId(1) }),
    ]);
    try {
      await once(child, "message");
      let acknowledged = 0;
      child.on("message", ({ number }: { number: number }) => {
        acknowledged = number;
      });
      for (let run = 0; run < 8; run++) {
        const before = acknowledged;
        const made = await backupHome({ home: home.path, folder });
        expect(made.failed).toEqual([]);
        expect((await verifyBackup({ folder })).damaged).toEqual([]);
        const restored = join(folders.path, `restored-${run}`);
        await restoreHome({ folder, home: restored });
        await using copy = openLocalThreadStore({ home: restored });
        const texts = new Set<string>();
        let rejected = 0;
        for await (const batch of copy.readHistory({ threadId: threadId(1) })) {
          rejected += batch.rejected ?? 0;
          for (const { json } of batch.items) texts.add(/"writer-(\d+)"/.exec(json)?.[1] ?? "");
        }
        expect(rejected).toBe(0);
        for (let number = 0; number <= before; number++) expect(texts.has(String(number))).toBe(true);
        expect((await examineHome({ home: restored })).findings).toEqual([]);
      }
    } finally {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  });

  it("holds what a fork inherits, though both are written meanwhile", async () => {
    await using home = new WrittenHome();
    const store = home.open();
    await writeThread(store, { threadId: threadId(1) });
    await store.resumeThread({ threadId: threadId(1) });
    let next = 2;
    let isDone = false;
    const forking = (async () => {
      for (; !isDone && next < 200; next++) {
        await store.appendItems({ threadId: threadId(1), items: [message(`for ${next}`)] });
        const fork = { from: threadId(1) };
        await writeThread(store, { threadId: threadId(next), fork });
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    for (let run = 0; run < 5; run++) {
      await backupHome({ home: home.path, folder });
      const restored = join(folders.path, `forks-${run}`);
      await restoreHome({ folder, home: restored });
      expect((await examineHome({ home: restored })).findings).toEqual([]);
    }
    isDone = true;
    await forking;
  });

  it("ends at the last newline while a line is being written, and holds a tear that stays", async () => {
    const home = new DamagedHome();
    try {
      home.write(PATH, `${textOf(legacyLines())}{"torn`);
      const growing = setInterval(() => fs.appendFileSync(join(home.path, PATH), "x"), 10);
      await backupHome({ home: home.path, folder });
      clearInterval(growing);
      const stored = join(folder, "files", PATH);
      expect(fs.readFileSync(stored, "utf8")).toBe(textOf(legacyLines()));
      await backupHome({ home: home.path, folder });
      expect(fs.readFileSync(stored, "utf8")).toBe(home.read(PATH));
    } finally {
      home.remove();
    }
  });

  it("is unfinished without its manifest, says so, and is finished by the next run", async () => {
    const home = copyFixtureHome("foreign");
    try {
      const failing = new FailingFileSystem();
      failing.fail({ operation: "renameFile", path: "manifest.json", code: "EIO" });
      const call = backupHome({ home: home.path, folder, files: failing.files });
      await expect(call).rejects.toMatchObject({ code: "unavailable" });
      const unfinished = { code: "invalid_request", message: expect.stringMatching(/not finished/) };
      await expect(verifyBackup({ folder })).rejects.toMatchObject(unfinished);
      await expect(restoreHome({ folder, home: target })).rejects.toMatchObject(unfinished);
      expect(fs.existsSync(target)).toBe(false);
      await backupHome({ home: home.path, folder });
      expect((await verifyBackup({ folder })).damaged).toEqual([]);
    } finally {
      home.remove();
    }
  });

  it("stays what its manifest says wherever a later run stops", async () => {
    await using home = new WrittenHome();
    const store = home.open();
    for (const number of [1, 2]) await writeThread(store, { threadId: threadId(number) });
    await backupHome({ home: home.path, folder });
    const at = join(home.path, home.rollouts()[0] as string);
    const rewritten = join(home.path, home.rollouts()[1] as string);
    for (let call = 1; ; call++) {
      fs.appendFileSync(at, `{"timestamp":"2026-11-20T10:00:00.000Z","type":"x","payload":{"n":${call}}}\n`);
      fs.writeFileSync(rewritten, fs.readFileSync(rewritten, "utf8").replace(/1\.0\.0\d*/, `1.0.0${call}`));
      const failing = new FailingFileSystem();
      failing.fail({ operation: "append", path: folder, call, afterBytes: 10 });
      const outcome = await backupHome({ home: home.path, folder, files: failing.files }).catch((error) => error);
      expect((await verifyBackup({ folder })).damaged, `after append ${call} failed`).toEqual([]);
      if (!(outcome instanceof Error)) break;
      expect(call).toBeLessThan(20);
    }
  });

  it.each([
    ["another byte in a file", (path: string) => fs.writeFileSync(path, textOf(legacyLines()).replace("0", "1"))],
    ["a file that is cut off", (path: string) => fs.truncateSync(path, 20)],
    ["a file that is gone", (path: string) => fs.rmSync(path)],
  ])("finds %s, and does not restore it", async (_what, damage) => {
    const home = new DamagedHome();
    try {
      home.write(PATH, textOf(legacyLines()));
      await backupHome({ home: home.path, folder });
      damage(join(folder, "files", PATH));
      expect((await verifyBackup({ folder })).damaged).toMatchObject([{ path: `files/${PATH}` }]);
      const restored = await restoreHome({ folder, home: target });
      expect([restored.restored, restored.damaged.length]).toEqual([[], 1]);
    } finally {
      home.remove();
    }
  });

  it("refuses a manifest that somebody changed, and folders that hold something else", async () => {
    const home = copyFixtureHome("foreign");
    try {
      await backupHome({ home: home.path, folder });
      const manifest = join(folder, "manifest.json");
      fs.writeFileSync(manifest, fs.readFileSync(manifest, "utf8").replace("sessions/", "../evil/"));
      await expect(verifyBackup({ folder })).rejects.toMatchObject({ message: expect.stringMatching(/is damaged/) });
      const refused = { code: "invalid_request" };
      await expect(backupHome({ home: home.path, folder: join(home.path, "b") })).rejects.toMatchObject(refused);
      fs.writeFileSync(join(folders.path, "letter.txt"), "mine");
      await expect(backupHome({ home: home.path, folder: folders.path })).rejects.toMatchObject(refused);
    } finally {
      home.remove();
    }
  });

  it("copies the real Codex's database with what stands in its log, while it is in use", async () => {
    const home = copyFixtureHome("home169");
    const database = new DatabaseSync(join(home.path, "state_5.sqlite"));
    try {
      database.exec("PRAGMA journal_mode = WAL; UPDATE threads SET title = 'from the log';");
      const made = await backupHome({ home: home.path, folder });
      expect(made.failed).toEqual([]);
      const elsewhere = await restoreHome({ folder, home: target });
      expect(elsewhere.leftOut).toMatchObject([{ path: "state_5.sqlite" }]);
      await restoreHome({ folder, home: target, withDatabase: true });
      const copy = new DatabaseSync(join(target, "state_5.sqlite"));
      const titles = copy.prepare("SELECT DISTINCT title FROM threads").all();
      copy.close();
      expect(titles).toMatchObject([{ title: "from the log" }]);
    } finally {
      database.close();
      home.remove();
    }
  });

  it("leaves alone what is in the way, and names it", async () => {
    await using home = new WrittenHome();
    const store = home.open();
    for (const number of [1, 2]) await writeThread(store, { threadId: threadId(number) });
    await backupHome({ home: home.path, folder });
    await store.archiveThread({ threadId: threadId(1) });
    await store.resumeThread({ threadId: threadId(2) });
    await store.appendItems({ threadId: threadId(2), items: [message("later")] });
    const before = contentsOf(home.path, isOfThreads);
    const restored = await restoreHome({ folder, home: home.path });
    expect(restored).toMatchObject({
      restored: [],
      same: 1,
      conflicts: [{ why: expect.stringMatching(/something else/) }],
    });
    expect(contentsOf(home.path, isOfThreads)).toEqual(before);
  });

  it("brings back a thread that was deleted, with its name, its metadata and what it inherits", async () => {
    await using home = new WrittenHome();
    const store = home.open();
    await writeThread(store, { threadId: threadId(1) });
    await writeThread(store, { threadId: threadId(2), fork: { from: threadId(1) } });
    await writeThread(store, { threadId: threadId(3) });
    await store.updateThreadMetadata({ threadId: threadId(2), patch: { name: "mine", memoryMode: "disabled" } });
    const before = await store.readThread({ threadId: threadId(2) });
    await backupHome({ home: home.path, folder });
    for (const number of [2, 1]) await store.deleteThread({ threadId: threadId(number) });
    const restored = await restoreHome({ folder, home: home.path, threadIds: [threadId(2)] });
    expect(restored).toMatchObject({ conflicts: [], damaged: [] });
    expect(restored.restored.length).toBe(2);
    const after = await store.readThread({ threadId: threadId(2) });
    expect([after.name, after.memoryMode]).toEqual(["mine", before.memoryMode]);
    expect((await examineHome({ home: home.path })).findings).toEqual([]);
    const unknown = restoreHome({ folder, home: home.path, threadIds: [threadId(9)] });
    await expect(unknown).rejects.toMatchObject({ code: "thread_not_found" });
  });

  it("gives its files to their owner only, and names files that cannot be read", async () => {
    await using home = new WrittenHome();
    for (const number of [1, 2]) await writeThread(home.open(), { threadId: threadId(number) });
    const refusing = {
      ...nodeFileSystem,
      openToRead: (path: string) => {
        if (path.startsWith(home.path) && path.includes(threadId(2))) {
          throw Object.assign(new Error("EACCES"), { errno: -13, code: "EACCES" });
        }
        return nodeFileSystem.openToRead(path);
      },
    };
    const made = await backupHome({ home: home.path, folder, files: refusing });
    expect(made.failed).toMatchObject([{ why: "the system says EACCES" }]);
    for (const entry of fs.readdirSync(folder, { recursive: true })) {
      expect(fs.statSync(join(folder, String(entry))).mode & 0o077).toBe(0);
    }
  });
});

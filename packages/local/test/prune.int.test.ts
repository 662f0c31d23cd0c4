import * as fs from "node:fs";
import { join } from "node:path";
import { emptyTrash, examineHome, pruneHome, undoPrune } from "@threadstore/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { copyFixtureHome } from "../../../test/support/fixture-home.js";
import { FailingFileSystem } from "./support/failing-file-system.js";
import { METADATA, message, threadId, WrittenHome, writeThread } from "./support/written-home.js";

const DAY_MS = 86_400_000;

/** Every rollout of a home with its bytes and its time. */
function rolloutsOf(home: string): Map<string, string> {
  const found = ["sessions", "archived_sessions"].flatMap((folder) => {
    const at = join(home, folder);
    const entries = fs.existsSync(at) ? fs.readdirSync(at, { recursive: true, withFileTypes: true }) : [];
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  });
  return new Map(found.sort().map((path) => [path, `${fs.statSync(path).mtimeMs} ${fs.readFileSync(path, "latin1")}`]));
}

describe("prune", () => {
  let home: WrittenHome;

  beforeEach(() => {
    home = new WrittenHome();
  });

  afterEach(() => home[Symbol.asyncDispose]());

  const options = () => ({ home: home.path, clock: home.clock });
  const prune = (criteria: { olderThanMs?: number; largerThanBytes?: number; archived?: true; isDryRun?: boolean }) =>
    pruneHome({ ...options(), ...criteria });
  const idsOf = (threads: readonly { threadId: string }[]) => threads.map((thread) => thread.threadId);

  it("needs a criterion, and only says what would go in a dry run", async () => {
    const id = await writeThread(home.open());
    await expect(prune({})).rejects.toMatchObject({ code: "invalid_request" });
    const before = home.list();
    const result = await prune({ largerThanBytes: 1, isDryRun: true });
    expect(result).toMatchObject({ trash: null, pruned: [{ threadId: id, files: 1, isArchived: false }], kept: [] });
    expect(result.bytes).toBe(fs.statSync(join(home.path, home.rollout)).size);
    expect(home.list().filter((path) => !before.includes(path) && !path.includes("/cache/"))).toEqual([]);
  });

  it("takes the threads that meet every criterion", async () => {
    const store = home.open();
    const ids = [1, 2, 3, 4].map(threadId) as [string, string, string, string];
    for (const id of ids.slice(0, 3)) await writeThread(store, { threadId: id });
    await store.archiveThread({ threadId: ids[1] });
    await store.resumeThread({ threadId: ids[2] });
    await store.appendItems({ threadId: ids[2], items: [message("x".repeat(10_000))] });
    await store.shutdownThread(ids[2]);
    home.clock.advance(10 * DAY_MS);
    await writeThread(store, { threadId: ids[3] });
    const found = async (criteria: Parameters<typeof prune>[0]) =>
      idsOf((await prune({ ...criteria, isDryRun: true })).pruned).sort();
    expect(await found({ olderThanMs: 9 * DAY_MS })).toEqual(ids.slice(0, 3));
    expect(await found({ olderThanMs: 11 * DAY_MS })).toEqual([]);
    expect(await found({ archived: true })).toEqual([ids[1]]);
    expect(await found({ largerThanBytes: 10_000 })).toEqual([ids[2]]);
    expect(await found({ olderThanMs: 9 * DAY_MS, largerThanBytes: 10_000 })).toEqual([ids[2]]);
    expect(await found({ archived: true, largerThanBytes: 10_000 })).toEqual([]);
  });

  it("moves whole threads, and an undo brings every file back as it was", async () => {
    const copy = copyFixtureHome("home169");
    try {
      const before = rolloutsOf(copy.path);
      const { trash, pruned, kept } = await pruneHome({ home: copy.path, largerThanBytes: 1 });
      expect([pruned.length, kept, rolloutsOf(copy.path).size]).toEqual([56, [], 0]);
      expect(pruned.reduce((files, thread) => files + thread.files, 0)).toBe(57);
      expect((await examineHome({ home: copy.path })).findings).toEqual([]);
      const undone = await undoPrune({ home: copy.path, trash: trash as string });
      expect([undone.restored.length, undone.conflicts]).toEqual([57, []]);
      expect(rolloutsOf(copy.path)).toEqual(before);
      expect(fs.readdirSync(join(copy.path, "threadstore/trash"))).toEqual([]);
    } finally {
      copy.remove();
    }
  });

  it("keeps a thread whose fork stays, and takes both when both meet the criteria", async () => {
    const store = home.open();
    const [base, fork] = [1, 2].map(threadId) as [string, string];
    await writeThread(store, { threadId: base });
    home.clock.advance(10 * DAY_MS);
    await writeThread(store, { threadId: fork, fork: { from: base } });
    const kept = await prune({ olderThanMs: 5 * DAY_MS });
    expect(kept).toMatchObject({
      trash: null,
      pruned: [],
      kept: [{ threadId: base, why: `thread ${fork} needs its items` }],
    });
    expect(home.rollouts().length).toBe(2);
    home.clock.advance(10 * DAY_MS);
    const both = await prune({ olderThanMs: 5 * DAY_MS });
    expect([idsOf(both.pruned), both.kept]).toEqual([[fork, base], []]);
    expect(home.rollouts()).toEqual([]);
    await undoPrune({ ...options(), trash: both.trash as string });
    const items = [];
    for await (const batch of store.readHistory({ threadId: fork })) items.push(...batch.items);
    expect(items.length).toBe(4);
  });

  it("keeps the base of a chain of forks, one of which is in use", async () => {
    const store = home.open();
    const [first, second, third] = [1, 2, 3].map(threadId) as [string, string, string];
    await writeThread(store, { threadId: first });
    await writeThread(store, { threadId: second, fork: { from: first } });
    await store.createThread({ threadId: third, metadata: METADATA, fork: { from: second } });
    const { pruned, kept } = await prune({ largerThanBytes: 1 });
    expect(pruned).toEqual([]);
    expect(kept.map(({ threadId: id, why }) => [id, /live writer|needs its items/.test(why)])).toEqual([
      [third, true],
      [second, true],
      [first, true],
    ]);
  });

  it("passes over a thread that another store writes", async () => {
    const writing = home.open();
    const [live, idle] = [1, 2].map(threadId) as [string, string];
    await writing.createThread({ threadId: live, metadata: METADATA });
    await writing.appendItems({ threadId: live, items: [message("one")] });
    await writeThread(writing, { threadId: idle });
    const { pruned, kept } = await prune({ largerThanBytes: 1 });
    expect([idsOf(pruned), idsOf(kept)]).toEqual([[idle], [live]]);
    await writing.appendItems({ threadId: live, items: [message("two")] });
  });

  it("brings back names, metadata and archiving with the files", async () => {
    const store = home.open();
    const id = await writeThread(store);
    await store.updateThreadMetadata({ threadId: id, patch: { name: "mine", memoryMode: "disabled" } });
    await store.archiveThread({ threadId: id });
    const before = await store.readThread({ threadId: id, includeArchived: true });
    const { trash } = await prune({ archived: true });
    await expect(store.readThread({ threadId: id })).rejects.toMatchObject({ code: "thread_not_found" });
    await undoPrune({ ...options(), trash: trash as string });
    expect(await store.readThread({ threadId: id, includeArchived: true })).toEqual(before);
  });

  it("leaves in the trash what something is in the way of", async () => {
    const store = home.open();
    for (const number of [1, 2]) await writeThread(store, { threadId: threadId(number) });
    const [taken] = home.rollouts() as [string, string];
    const { trash } = await prune({ largerThanBytes: 1 });
    const archived = `archived_sessions/${taken.split("/").at(-1)}`;
    home.write(archived, "another");
    const undone = await undoPrune({ ...options(), trash: trash as string });
    expect(undone.conflicts).toEqual([{ path: taken, why: `${archived} is in the way` }]);
    expect([undone.restored.length, home.read(archived)]).toEqual([1, "another"]);
    fs.rmSync(join(home.path, archived));
    expect((await undoPrune({ ...options(), trash: trash as string })).restored).toEqual([taken]);
    await expect(undoPrune({ ...options(), trash: "../../sessions" })).rejects.toMatchObject({
      code: "invalid_request",
    });
  });

  it("can be undone wherever it stopped", async () => {
    const store = home.open();
    for (const number of [1, 2, 3]) await writeThread(store, { threadId: threadId(number) });
    const before = rolloutsOf(home.path);
    for (let call = 1; ; call++) {
      const failing = new FailingFileSystem();
      failing.fail({ operation: "renameFile", path: "", call, calls: 100, code: "EIO" });
      const outcome = await pruneHome({ ...options(), largerThanBytes: 1, files: failing.files }).catch(
        (error) => error,
      );
      const folders = fs.readdirSync(join(home.path, "threadstore/trash"));
      for (const trash of folders) {
        const hasManifest = fs.existsSync(join(home.path, "threadstore/trash", trash, "manifest.json"));
        if (hasManifest) await undoPrune({ ...options(), trash });
        else fs.rmdirSync(join(home.path, "threadstore/trash", trash));
      }
      expect(rolloutsOf(home.path), `after rename ${call} failed`).toEqual(before);
      if (!(outcome instanceof Error)) break;
      expect(call).toBeLessThan(20);
    }
  });

  it("deletes for good what was pruned before the grace time, and what was known of it", async () => {
    const store = home.open();
    const [parent, child] = [1, 2].map(threadId) as [string, string];
    await writeThread(store, { threadId: parent });
    await store.updateThreadMetadata({ threadId: parent, patch: { name: "mine" } });
    await store.archiveThread({ threadId: parent });
    await writeThread(store, { threadId: child, spawn: { parentThreadId: parent } });
    const { trash } = await prune({ archived: true });
    home.clock.advance(29 * DAY_MS);
    expect(await emptyTrash(options())).toMatchObject({ emptied: [], kept: 1 });
    home.clock.advance(DAY_MS);
    const dry = await emptyTrash({ ...options(), isDryRun: true });
    expect(dry).toMatchObject({ emptied: [{ path: trash, threads: [parent] }], kept: 0 });
    expect(fs.existsSync(join(home.path, trash as string))).toBe(true);
    expect(await emptyTrash(options())).toEqual(dry);
    expect(home.list("threadstore/trash")).toEqual([]);
    expect(home.read("session_index.jsonl")).toBe("");
    expect(await store.listThreads({ sources: "all", relation: { childrenOf: parent } })).toMatchObject({ data: [] });
    expect((await examineHome(options())).findings).toEqual([]);
  });

  it("forgets nothing of a thread that came back", async () => {
    const store = home.open();
    const id = await writeThread(store);
    await store.updateThreadMetadata({ threadId: id, patch: { name: "mine" } });
    const { trash } = await prune({ largerThanBytes: 1 });
    const kept = join(home.path, "kept");
    fs.cpSync(join(home.path, trash as string), kept, { recursive: true });
    await undoPrune({ ...options(), trash: trash as string });
    fs.cpSync(kept, join(home.path, trash as string), { recursive: true });
    await emptyTrash({ ...options(), graceMs: 0 });
    expect((await store.readThread({ threadId: id })).name).toBe("mine");
  });

  it("gives what it makes to its owner only", async () => {
    await writeThread(home.open());
    await prune({ largerThanBytes: 1 });
    for (const path of ["threadstore/trash", ...home.list("threadstore/trash")]) {
      expect(fs.statSync(join(home.path, path)).mode & 0o077).toBe(0);
    }
  });
});

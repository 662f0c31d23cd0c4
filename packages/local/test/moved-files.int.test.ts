import * as fs from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FailingFileSystem } from "./support/failing-file-system.js";
import { codeOf, METADATA, message, threadId, WrittenHome, writeThread } from "./support/written-home.js";

const A = threadId(1);
const B = threadId(2);

let home: WrittenHome;

beforeEach(() => {
  home = new WrittenHome();
});

afterEach(() => home[Symbol.asyncDispose]());

function nameOf(path: string): string {
  return path.split("/").at(-1) as string;
}

/** Every file of the home and the bytes in it, but for the index, locks and the journal. */
function contents(): ReadonlyMap<string, string> {
  return new Map(home.rollouts().map((path) => [path, home.read(path)]));
}

/** A thread of three segments: written, reverted, written, reverted, written. */
async function writeReverted(): Promise<void> {
  const store = home.open();
  await store.createThread({ threadId: A, metadata: METADATA });
  for (const text of ["one", "two"]) {
    await store.appendItems({ threadId: A, items: [message(text)] });
    home.clock.advance(1_000);
    await store.revertThread({ threadId: A, endOrdinalExclusive: 2 });
  }
  await store.appendItems({ threadId: A, items: [message("three")] });
  await store.shutdownThread(A);
}

describe("archiving", () => {
  it("moves a rollout as it is, under its own name, and unarchiving moves it back", async () => {
    const store = home.open();
    await writeThread(store);
    const [active, bytes] = [home.rollout, home.read(home.rollout)];
    await store.archiveThread({ threadId: A });
    expect([...contents()]).toEqual([[`archived_sessions/${nameOf(active)}`, bytes]]);
    await store.unarchiveThread({ threadId: A });
    expect([...contents()]).toEqual([[active, bytes]]);
  });

  it("takes every segment of a reverted thread there and back", async () => {
    await writeReverted();
    const before = contents();
    expect(before.size).toBe(3);
    const store = home.open();
    const history = await store.loadHistory({ threadId: A });
    await store.archiveThread({ threadId: A });
    expect(home.rollouts()).toEqual([...before.keys()].map((path) => `archived_sessions/${nameOf(path)}`));
    expect(await store.loadHistory({ threadId: A, includeArchived: true })).toEqual(history);
    await store.unarchiveThread({ threadId: A });
    expect(contents()).toEqual(before);
    expect(await store.loadHistory({ threadId: A })).toEqual(history);
  });

  it("never writes over a file that is in the archive already", async () => {
    const store = home.open();
    await writeThread(store);
    const active = home.rollout;
    // The name of one thread's file, but another one's content, as a person may leave it.
    const meta = home.lines(active)[0];
    const foreign = `${JSON.stringify({ ...meta, payload: { ...meta?.payload, id: B } })}\n`;
    home.write(`archived_sessions/${nameOf(active)}`, foreign);
    const before = contents();
    expect(await codeOf(store.archiveThread({ threadId: A }))).toBe("conflict");
    expect(contents()).toEqual(before);
    expect((await store.readThread({ threadId: A })).revision).toBe(0);
  });

  it("moves no segment when one of them cannot be moved", async () => {
    await writeReverted();
    const [first] = home.rollouts();
    home.write(`archived_sessions/${nameOf(first as string)}`, "somebody else's\n");
    const before = contents();
    expect(await codeOf(home.open().archiveThread({ threadId: A }))).toBe("conflict");
    expect(contents()).toEqual(before);
  });

  it("that was interrupted between its two names is completed by the next one", async () => {
    const store = home.open();
    await writeThread(store);
    const [active, bytes] = [home.rollout, home.read(home.rollout)];
    fs.mkdirSync(join(home.path, "archived_sessions"));
    fs.linkSync(join(home.path, active), join(home.path, "archived_sessions", nameOf(active)));
    expect((await store.readThread({ threadId: A })).archivedAt).toBe(undefined);
    await store.archiveThread({ threadId: A });
    expect([...contents()]).toEqual([[`archived_sessions/${nameOf(active)}`, bytes]]);
  });

  it.each(["linkFile", "removeFile", "makeDirectory"] as const)(
    "that fails in the middle by %s leaves the thread whole, and the next one completes it",
    async (operation) => {
      await writeReverted();
      const history = await home.open().loadHistory({ threadId: A });
      const names = home.rollouts().map(nameOf);
      const medium = new FailingFileSystem();
      const store = home.open({ files: medium.files });
      const path = operation === "removeFile" ? "/sessions/" : "archived_sessions";
      medium.fail({ operation, code: "EIO", path: operation === "linkFile" ? "sessions" : path, call: 2 });
      expect(await codeOf(store.archiveThread({ threadId: A }))).toBe("unavailable");
      expect(await store.loadHistory({ threadId: A })).toEqual(history);
      medium.heal();
      await store.archiveThread({ threadId: A });
      expect(home.rollouts()).toEqual(names.map((name) => `archived_sessions/${name}`));
      expect(await store.loadHistory({ threadId: A, includeArchived: true })).toEqual(history);
    },
  );

  it.each(["linkFile", "removeFile"] as const)(
    "back that fails in the middle by %s loses nothing, and the thread can be archived or is active",
    async (operation) => {
      await writeReverted();
      const history = await home.open().loadHistory({ threadId: A });
      const before = contents();
      await home.open().archiveThread({ threadId: A });
      const medium = new FailingFileSystem();
      const store = home.open({ files: medium.files });
      medium.fail({ operation, code: "EIO", path: "sessions/", call: 2 });
      expect(await codeOf(store.unarchiveThread({ threadId: A }))).toBe("unavailable");
      expect(await store.loadHistory({ threadId: A, includeArchived: true })).toEqual(history);
      medium.heal();
      const isArchived = (await store.readThread({ threadId: A, includeArchived: true })).archivedAt !== undefined;
      if (!isArchived) await store.archiveThread({ threadId: A });
      await store.unarchiveThread({ threadId: A });
      expect(contents()).toEqual(before);
    },
  );
});

describe("deleting", () => {
  it.each(["active", "archived"])("removes every segment of a reverted thread that is %s", async (state) => {
    await writeReverted();
    await writeThread(home.open(), { threadId: B });
    const store = home.open();
    if (state === "archived") await store.archiveThread({ threadId: A });
    await store.deleteThread({ threadId: A });
    expect(home.rollouts().filter((path) => path.includes(A))).toEqual([]);
    expect((await store.readThread({ threadId: B })).threadId).toBe(B);
  });

  it("that fails in the middle leaves an earlier state of the thread, and the next one completes it", async () => {
    await writeReverted();
    const medium = new FailingFileSystem();
    const store = home.open({ files: medium.files });
    medium.fail({ operation: "removeFile", code: "EIO", path: "/sessions/", call: 2 });
    expect(await codeOf(store.deleteThread({ threadId: A }))).toBe("unavailable");
    // The segment after the first revert: one inherited message, the second session_meta, and the message after it.
    expect((await store.loadHistory({ threadId: A })).items.map((item) => item.item)).toEqual([
      expect.objectContaining({ type: "session_meta" }),
      message("one"),
      expect.objectContaining({ type: "session_meta" }),
      message("two"),
    ]);
    await store.deleteThread({ threadId: A });
    expect(home.rollouts()).toEqual([]);
  });

  it("removes both names of an archiving that was interrupted", async () => {
    const store = home.open();
    await writeThread(store);
    fs.mkdirSync(join(home.path, "archived_sessions"));
    fs.linkSync(join(home.path, home.rollout), join(home.path, "archived_sessions", nameOf(home.rollout)));
    await store.deleteThread({ threadId: A });
    expect(home.rollouts()).toEqual([]);
  });

  it("removes the keys of the thread", async () => {
    const store = home.open();
    await store.createThread({ threadId: A, metadata: METADATA });
    await store.appendItems({ threadId: A, items: [message("one")], idempotencyKey: "k" });
    await store.shutdownThread(A);
    expect(home.list("threadstore/journal/appends")).toEqual([`threadstore/journal/appends/${A}.jsonl`]);
    await store.deleteThread({ threadId: A });
    expect(home.list("threadstore/journal/appends")).toEqual([]);
  });
});

describe("a compressed rollout", () => {
  it.each(["sessions", "archived_sessions"])("in %s is a plain one when its thread is resumed", async (folder) => {
    const store = home.open();
    await writeThread(store);
    if (folder === "archived_sessions") await store.archiveThread({ threadId: A });
    const plain = home.rollout;
    const before = home.read(plain);
    fs.writeFileSync(join(home.path, `${plain}.zst`), storedFrame(before));
    fs.rmSync(join(home.path, plain));
    await store.resumeThread({ threadId: A, includeArchived: true });
    expect([...contents()]).toEqual([[plain, before]]);
    await store.appendItems({ threadId: A, items: [message("two")] });
    expect(home.read(plain).startsWith(before)).toBe(true);
    const { items } = await store.loadHistory({ threadId: A, includeArchived: true });
    expect(items.map((item) => item.ordinal)).toEqual([0, 1, 2]);
  });

  it("goes to the archive and back as it is", async () => {
    const store = home.open();
    await writeThread(store);
    const plain = home.rollout;
    const frame = storedFrame(home.read(plain));
    fs.writeFileSync(join(home.path, `${plain}.zst`), frame);
    fs.rmSync(join(home.path, plain));
    await store.archiveThread({ threadId: A });
    expect(home.rollouts()).toEqual([`archived_sessions/${nameOf(plain)}.zst`]);
    await store.unarchiveThread({ threadId: A });
    expect(home.rollouts()).toEqual([`${plain}.zst`]);
    expect(fs.readFileSync(join(home.path, `${plain}.zst`)).equals(frame)).toBe(true);
  });

  /** A frame of zstd that holds a short text as it is. */
  function storedFrame(text: string): Buffer {
    const content = Buffer.from(text);
    const header = Buffer.alloc(9);
    header.set([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]);
    header.writeUIntLE((content.length << 3) | 1, 6, 3);
    return Buffer.concat([header, content]);
  }
});

describe("a rollout outside the home", () => {
  it.each([
    ["active", "elsewhere"],
    ["archived", "elsewhere/archived_sessions/2026"],
  ])("that is %s is appended to where it lies, and read while it is live", async (state, folder) => {
    const elsewhere = new WrittenHome();
    await writeThread(elsewhere.open());
    const name = nameOf(elsewhere.rollout);
    fs.mkdirSync(join(elsewhere.path, folder), { recursive: true });
    const rolloutPath = join(elsewhere.path, folder, name);
    fs.renameSync(join(elsewhere.path, elsewhere.rollout), rolloutPath);
    const store = home.open();
    const includeArchived = state === "archived";
    if (includeArchived) {
      expect(await codeOf(store.resumeThread({ threadId: A, rolloutPath }))).toBe("invalid_request");
    }
    await store.resumeThread({ threadId: A, rolloutPath, includeArchived });
    const appended = await store.appendItems({ threadId: A, items: [message("two")] });
    expect(appended).toEqual({ firstOrdinal: 2, nextOrdinal: 3, dropped: 0, repeated: false });
    expect(home.rollouts()).toEqual([]);
    const lines = fs.readFileSync(rolloutPath, "utf8").trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { ordinal: number }).ordinal)).toEqual([0, 1, 2]);
    if (includeArchived) expect(await codeOf(store.loadHistory({ threadId: A }))).toBe("invalid_request");
    const read = await store.readThread({ threadId: A, includeArchived });
    expect([read.rolloutPath, read.archivedAt !== undefined]).toEqual([rolloutPath, includeArchived]);
    expect((await store.loadHistory({ threadId: A, includeArchived })).items.map((item) => item.ordinal)).toEqual([
      0, 1, 2,
    ]);
    await store.shutdownThread(A);
    expect(await codeOf(store.readThread({ threadId: A, includeArchived: true }))).toBe("thread_not_found");
    await elsewhere[Symbol.asyncDispose]();
  });

  it("of another thread is conflict, and one that is none is invalid", async () => {
    const elsewhere = new WrittenHome();
    await writeThread(elsewhere.open());
    const store = home.open();
    const rolloutPath = join(elsewhere.path, elsewhere.rollout);
    expect(await codeOf(store.resumeThread({ threadId: B, rolloutPath }))).toBe("conflict");
    elsewhere.write("notes.txt", "no rollout\n");
    const notes = join(elsewhere.path, "notes.txt");
    expect(await codeOf(store.resumeThread({ threadId: B, rolloutPath: notes }))).toBe("invalid_request");
    expect(home.list("thread-writer-locks")).toEqual([]);
    await elsewhere[Symbol.asyncDispose]();
  });
});

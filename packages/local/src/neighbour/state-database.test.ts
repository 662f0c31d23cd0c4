import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeHome } from "../../test/support/write-home.js";
import { nodeFileSystem } from "../file-system/node-file-system.js";
import { readStateDatabase } from "./state-database.js";

const ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";
const OTHER_ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f709";
const NAME = `rollout-2026-11-20T10-51-48-${ID}.jsonl`;

let folder: ReturnType<typeof makeHome>;
let home: string;

beforeEach(() => {
  folder = makeHome();
  // Every character that means something in the address of a database.
  home = join(folder.path, "a home#1?x=%20&ü");
  mkdirSync(home);
});

afterEach(() => {
  folder.remove();
});

describe("what the real Codex's database tells", () => {
  it("of a thread is everything that its rollout does not tell", () => {
    make(
      "CREATE TABLE thread_sections (id TEXT PRIMARY KEY, name TEXT, appearance TEXT)",
      "INSERT INTO thread_sections VALUES ('s', 'Pinned', 'blue')",
      "CREATE TABLE thread_read_receipts (thread_id TEXT, first_unread_turn TEXT, revision TEXT)",
      `INSERT INTO thread_read_receipts VALUES ('${ID}', 'turn-1', 'r1')`,
      "CREATE TABLE thread_spawn_edges (parent_thread_id TEXT, child_thread_id TEXT, status TEXT)",
      `INSERT INTO thread_spawn_edges VALUES ('${OTHER_ID}', '${ID}', 'closed')`,
      threadsTable({
        id: ID,
        rollout_path: `/home/sessions/2026/11/20/${NAME}`,
        title: "title",
        first_user_message: "hello",
        name: " a name ",
        history_mode: "paginated",
        archived_at: 1_795_171_908,
        git_sha: "c0ffee",
        git_branch: "main",
        git_origin_url: "https://example.test/r.git",
        memory_mode: "polluted",
        thread_section_id: "s",
        section_position: 500_001,
        section_entered_at_ms: 1_795_171_908_248,
        project_id: "p",
        daybreak_enabled: 1,
        attached_thread_parent_id: OTHER_ID,
      }),
    );
    expect(read()).toStrictEqual(
      new Map([
        [
          ID,
          {
            name: "a name",
            gitInfo: { commitHash: "c0ffee", branch: "main", repositoryUrl: "https://example.test/r.git" },
            memoryMode: "polluted",
            archivedAt: "2026-11-20T10:51:48.000Z",
            rolloutName: NAME,
            spawnEdge: { parentThreadId: OTHER_ID, status: "closed" },
            metadata: {
              section: { id: "s", name: "Pinned", appearance: "blue", position: 500_001 },
              sectionEnteredAt: "2026-11-20T10:51:48.248Z",
              projectId: "p",
              attachedToThreadId: OTHER_ID,
              daybreakEnabled: true,
              readState: { revision: "r1", firstUnreadTurnId: "turn-1" },
            },
          },
        ],
      ]),
    );
  });

  it("is nothing where nothing was set", () => {
    make(threadsTable({ id: ID, memory_mode: "enabled", title: "", name: null, git_sha: "", archived_at: null }));
    expect(read()).toStrictEqual(new Map([[ID, {}]]));
  });

  it("is the name of a paginated thread, and of a legacy one the title once it is not the first message", () => {
    const nameOf = (fields: Readonly<Record<string, Value>>) => {
      make("DROP TABLE IF EXISTS threads", threadsTable({ id: ID, ...fields }));
      return read()?.get(ID)?.name;
    };
    const texts = { title: " title ", first_user_message: "hello", name: "name" };
    expect(nameOf({ ...texts, history_mode: "paginated" })).toBe("name");
    expect(nameOf({ ...texts, history_mode: "paginated", name: null })).toBeUndefined();
    expect(nameOf({ ...texts, history_mode: "legacy" })).toBe("title");
    expect(nameOf({ ...texts, title: "hello\n", history_mode: "legacy" })).toBeUndefined();
    expect(nameOf({ title: "title", first_user_message: "hello" })).toBe("title");
  });

  it("is an edge also of a child that it does not know, and an unknown status is an open one", () => {
    make(
      "CREATE TABLE thread_spawn_edges (parent_thread_id TEXT, child_thread_id TEXT, status TEXT)",
      `INSERT INTO thread_spawn_edges VALUES ('${ID}', '${OTHER_ID}', 'waiting'), ('${ID}', 'nope', 'open'), (NULL, '${ID}', 'open')`,
    );
    expect(read()).toStrictEqual(new Map([[OTHER_ID, { spawnEdge: { parentThreadId: ID, status: "open" } }]]));
  });

  it("is read of the columns that are there; unknown ones do not matter", () => {
    make(
      threadsTable({ id: ID, name: "name", history_mode: "paginated", of_the_future: "x" }),
      "CREATE TABLE others (x)",
    );
    expect(read()).toStrictEqual(new Map([[ID, { name: "name" }]]));
  });

  it("a section that is not there is none", () => {
    make(threadsTable({ id: ID, thread_section_id: "s", section_position: 1, section_entered_at_ms: 5 }));
    expect(read()).toStrictEqual(new Map([[ID, {}]]));
  });

  it("rows of no thread, and tables of another shape, tell nothing", () => {
    make(
      "CREATE TABLE threads (id TEXT, name TEXT)",
      "INSERT INTO threads VALUES ('nope', 'x'), (NULL, 'y'), (5, 'z')",
    );
    expect(read()).toStrictEqual(new Map());
    make("DROP TABLE threads", "CREATE TABLE threads (x TEXT)", "INSERT INTO threads VALUES ('x')");
    expect(read()).toStrictEqual(new Map());
  });

  it("values of another kind hide nothing but themselves", () => {
    make(
      threadsTable({ id: ID, git_branch: "main", archived_at: "now", project_id: 5, memory_mode: null }),
      `INSERT INTO threads (id, git_branch) VALUES ('${OTHER_ID}', 'other')`,
      `UPDATE threads SET memory_mode = X'00FF' WHERE id = '${ID}'`,
    );
    expect(read()).toStrictEqual(
      new Map([
        [ID, { gitInfo: { branch: "main" } }],
        [OTHER_ID, { gitInfo: { branch: "other" } }],
      ]),
    );
  });
});

describe("a database that cannot be read", () => {
  it("that is not there tells nothing", () => {
    expect(read()).toStrictEqual(new Map());
  });

  it("that is empty tells nothing", () => {
    writeFileSync(path(), "");
    expect(read()).toStrictEqual(new Map());
  });

  it("that is none is null, and stays as it is", () => {
    writeFileSync(path(), "not a database, but long enough to be taken for one".repeat(20));
    const before = readFileSync(path());
    expect(read()).toBeNull();
    expect(readFileSync(path())).toStrictEqual(before);
    expect(readdirSync(home)).toStrictEqual(["state_5.sqlite"]);
  });

  it("that lost its end is null", () => {
    make(threadsTable({ id: ID, title: "x".repeat(20_000) }));
    truncateSync(path(), 4_096);
    expect(read()).toBeNull();
  });

  it("that is a folder is null", () => {
    mkdirSync(path());
    expect(read()).toBeNull();
  });

  it("that is locked is null until it is free", () => {
    const codex = openAsCodex();
    codex.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; UPDATE threads SET git_branch = 'x'; COMMIT");
    expect(read()).toBeNull();
    codex.close();
    expect(read()).toStrictEqual(new Map([[ID, { gitInfo: { branch: "x" } }]]));
  });
});

describe("reading leaves no trace", () => {
  it("nothing appears beside a database that nobody uses, and it is not touched", () => {
    make("PRAGMA journal_mode = WAL", threadsTable({ id: ID }));
    const before = { bytes: readFileSync(path()), mtimeMs: statSync(path()).mtimeMs };
    const { mtimeMs } = statSync(home);
    expect(read()).toStrictEqual(new Map([[ID, {}]]));
    expect(readdirSync(home)).toStrictEqual(["state_5.sqlite"]);
    expect({ bytes: readFileSync(path()), mtimeMs: statSync(path()).mtimeMs }).toStrictEqual(before);
    expect(statSync(home).mtimeMs).toBe(mtimeMs);
  });

  it("of a database in use what was committed is read, and its user can tidy up afterwards", () => {
    const codex = openAsCodex();
    codex.exec(
      "UPDATE threads SET git_branch = 'committed'; BEGIN IMMEDIATE; UPDATE threads SET git_branch = 'not yet'",
    );
    expect(read()).toStrictEqual(new Map([[ID, { gitInfo: { branch: "committed" } }]]));
    expect(readdirSync(home).sort()).toStrictEqual(["state_5.sqlite", "state_5.sqlite-shm", "state_5.sqlite-wal"]);
    codex.exec("COMMIT");
    expect(read()).toStrictEqual(new Map([[ID, { gitInfo: { branch: "not yet" } }]]));
    codex.close();
    expect(readdirSync(home)).toStrictEqual(["state_5.sqlite"]);
  });

  it("a log that was left behind without its index is left alone", () => {
    make("PRAGMA journal_mode = WAL", threadsTable({ id: ID }));
    writeFileSync(`${path()}-wal`, "left behind");
    expect(read()).toStrictEqual(new Map([[ID, {}]]));
    expect(readFileSync(`${path()}-wal`, "utf8")).toBe("left behind");
    expect(readdirSync(home).sort()).toStrictEqual(["state_5.sqlite", "state_5.sqlite-wal"]);
  });
});

type Value = string | number | null;

function path(): string {
  return join(home, "state_5.sqlite");
}

function read() {
  return readStateDatabase(nodeFileSystem, home);
}

/** Runs statements on the database, and closes it as a program does that ends well. */
function make(...statements: readonly string[]): void {
  const database = new DatabaseSync(path());
  for (const statement of statements) database.exec(statement);
  database.close();
}

/** The database as a running Codex holds it: in WAL mode, with its side files. */
function openAsCodex() {
  make("PRAGMA journal_mode = WAL", threadsTable({ id: ID, git_branch: "before" }));
  const database = new DatabaseSync(path());
  database.exec("UPDATE threads SET git_branch = 'main'");
  return database;
}

/** A table with the columns of one row, and that row. */
function threadsTable(row: Readonly<Record<string, Value>>): string {
  const columns = Object.keys(row).join(", ");
  const values = Object.values(row).map((value) => (typeof value === "string" ? `'${value}'` : String(value)));
  return `CREATE TABLE threads (${columns}); INSERT INTO threads VALUES (${values.join(", ")})`;
}

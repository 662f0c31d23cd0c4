import { pathToFileURL } from "node:url";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import type { GitInfo } from "@threadstore/core";
import { type Instant, instantFromMs, type NeighbourMetadata, parseThreadId, type ThreadId } from "@threadstore/core";
import type { FileSystem } from "../file-system/file-system.js";

/** The real Codex's own database. It is read, never written, and a home without it is no less readable. */
export const STATE_DATABASE = "state_5.sqlite";

/** What the real Codex's database tells of a thread that its rollout does not. Plain data. */
export interface NeighbourThread {
  readonly name?: string;
  readonly gitInfo?: GitInfo;
  readonly memoryMode?: string;
  readonly archivedAt?: Instant;
  /** File name of the rollout that Codex goes on writing: the current segment of a reverted thread. */
  readonly rolloutName?: string;
  readonly spawnEdge?: { readonly parentThreadId: ThreadId; readonly status: "open" | "closed" };
  readonly metadata?: NeighbourMetadata;
}

type Row = Readonly<Record<string, unknown>>;

/**
 * Reads what the database tells, or null when it cannot be read now (locked, damaged, of an unknown shape).
 * Nothing appears beside it: while its side files exist it is read as one of its users, else as a file that nobody
 * changes.
 */
export function readStateDatabase(files: FileSystem, home: string): ReadonlyMap<ThreadId, NeighbourThread> | null {
  const path = `${home}/${STATE_DATABASE}`;
  if (!files.status(path)) return new Map();
  const isShared = files.status(`${path}-wal`) !== null && files.status(`${path}-shm`) !== null;
  const url = `${pathToFileURL(path).href}?${isShared ? "mode=ro" : "immutable=1"}`;
  try {
    const database = new DatabaseSync(url, { readOnly: true, timeout: LOCK_TIMEOUT_MS });
    try {
      return readThreads(database);
    } finally {
      database.close();
    }
  } catch {
    return null;
  }
}

/** Milliseconds to wait for Codex; what it tells can wait until the next call. */
const LOCK_TIMEOUT_MS = 200;

function readThreads(database: DatabaseSyncInstance): ReadonlyMap<ThreadId, NeighbourThread> {
  const sections = new Map(rowsOf(database, "thread_sections").map((row) => [row.id, row]));
  const receipts = new Map(rowsOf(database, "thread_read_receipts").map((row) => [row.thread_id, row]));
  const threads = new Map<ThreadId, NeighbourThread>();
  for (const row of rowsOf(database, "threads")) {
    const threadId = idOf(row.id);
    if (threadId) threads.set(threadId, neighbourOf(row, { sections, receipt: receipts.get(row.id) }));
  }
  for (const row of rowsOf(database, "thread_spawn_edges")) {
    const child = idOf(row.child_thread_id);
    const parentThreadId = idOf(row.parent_thread_id);
    if (!child || !parentThreadId) continue;
    const status = row.status === "closed" ? "closed" : "open";
    threads.set(child, { ...threads.get(child), spawnEdge: { parentThreadId, status } });
  }
  return threads;
}

/** All rows of a table; none when this version of the database does not have it. */
function rowsOf(database: DatabaseSyncInstance, table: string): Row[] {
  const columns = query(database, { fields: "'name', name", from: `pragma_table_info('${table}')` });
  const present = new Set(columns.map((column) => column.name));
  const wanted = (COLUMNS[table] ?? []).filter((column) => present.has(column));
  if (wanted.length === 0) return [];
  const fields = wanted.map((column) => `'${column}', ${asJsonValue(column)}`).join(", ");
  return query(database, { fields, from: table });
}

/** JSON cannot hold a blob; where there is one, somebody else wrote the row. */
function asJsonValue(column: string): string {
  return `CASE typeof(${column}) WHEN 'blob' THEN NULL ELSE ${column} END`;
}

/**
 * Reads rows as JSON objects. A prepared statement would keep the connection open until it is collected,
 * and Codex from tidying up its side files; `exec` leaves nothing behind.
 */
function query(database: DatabaseSyncInstance, { fields, from }: { fields: string; from: string }): Row[] {
  const rows: Row[] = [];
  database.function("take_row", (json: unknown) => rows.push(JSON.parse(String(json)) as Row));
  database.exec(`SELECT take_row(json_object(${fields})) FROM ${from}`);
  return rows;
}

/** The columns that are read where they exist. Whole first messages stand in three of the others. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  threads: [
    "id",
    "rollout_path",
    "title",
    "first_user_message",
    "name",
    "history_mode",
    "archived_at",
    "git_sha",
    "git_branch",
    "git_origin_url",
    "memory_mode",
    "thread_section_id",
    "section_position",
    "section_entered_at_ms",
    "project_id",
    "daybreak_enabled",
    "attached_thread_parent_id",
  ],
  thread_sections: ["id", "name", "appearance"],
  thread_read_receipts: ["thread_id", "first_unread_turn", "revision"],
  thread_spawn_edges: ["parent_thread_id", "child_thread_id", "status"],
};

interface RelatedRows {
  readonly sections: ReadonlyMap<unknown, Row>;
  readonly receipt: Row | undefined;
}

function neighbourOf(row: Row, related: RelatedRows): NeighbourThread {
  const name = nameOf(row);
  const gitInfo = gitInfoOf(row);
  const memoryMode = textOf(row.memory_mode);
  const rolloutName = textOf(row.rollout_path)?.split("/").at(-1);
  const metadata = metadataOf(row, related);
  return {
    ...(name === undefined ? {} : { name }),
    ...(gitInfo ? { gitInfo } : {}),
    ...(memoryMode && memoryMode !== "enabled" ? { memoryMode } : {}),
    ...(typeof row.archived_at === "number" ? { archivedAt: instantFromMs(row.archived_at * 1000) } : {}),
    ...(rolloutName ? { rolloutName } : {}),
    ...(metadata ? { metadata } : {}),
  };
}

/** Paginated threads have a column for the name; legacy ones keep it where the first message stands until then. */
function nameOf(row: Row): string | undefined {
  if (row.history_mode === "paginated") return textOf(row.name)?.trim();
  const title = textOf(row.title)?.trim();
  return title && title !== textOf(row.first_user_message)?.trim() ? title : undefined;
}

function gitInfoOf(row: Row): GitInfo | undefined {
  const commitHash = textOf(row.git_sha);
  const branch = textOf(row.git_branch);
  const repositoryUrl = textOf(row.git_origin_url);
  if (!commitHash && !branch && !repositoryUrl) return undefined;
  return {
    ...(commitHash ? { commitHash } : {}),
    ...(branch ? { branch } : {}),
    ...(repositoryUrl ? { repositoryUrl } : {}),
  };
}

function metadataOf(row: Row, { sections, receipt }: RelatedRows): NeighbourMetadata | undefined {
  const section = sections.get(row.thread_section_id);
  const readState = receipt && readStateOf(receipt);
  const projectId = textOf(row.project_id);
  const attachedTo = idOf(row.attached_thread_parent_id);
  const metadata: NeighbourMetadata = {
    ...(section ? { section: sectionOf(row, section) } : {}),
    ...(section && typeof row.section_entered_at_ms === "number"
      ? { sectionEnteredAt: instantFromMs(row.section_entered_at_ms) }
      : {}),
    ...(projectId ? { projectId } : {}),
    ...(attachedTo ? { attachedToThreadId: attachedTo } : {}),
    ...(typeof row.daybreak_enabled === "number" ? { daybreakEnabled: row.daybreak_enabled !== 0 } : {}),
    ...(readState ? { readState } : {}),
  };
  return Object.keys(metadata).length > 0 ? metadata : undefined;
}

function readStateOf(row: Row): NeighbourMetadata["readState"] {
  const revision = textOf(row.revision);
  const firstUnreadTurnId = textOf(row.first_unread_turn);
  return revision ? { revision, ...(firstUnreadTurnId ? { firstUnreadTurnId } : {}) } : undefined;
}

function sectionOf(row: Row, section: Row): NonNullable<NeighbourMetadata["section"]> {
  const position = typeof row.section_position === "number" ? { position: row.section_position } : {};
  return {
    id: String(section.id),
    name: textOf(section.name) ?? "",
    appearance: section.appearance ?? null,
    ...position,
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function idOf(value: unknown): ThreadId | null {
  return typeof value === "string" ? parseThreadId(value) : null;
}

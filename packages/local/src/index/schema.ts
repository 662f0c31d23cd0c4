/**
 * The schema of the index, one step a version: opening an older index runs the steps it lacks. The index is a fold of
 * the files on disk and may be deleted at any moment, so a step may also empty tables that are to be filled anew.
 *
 * @see docs/index.md
 */
export const SCHEMA_STEPS: readonly string[] = [
  `
  -- One row a rollout file: what it was when it was looked at, and what it told.
  CREATE TABLE rollouts (
    path TEXT NOT NULL UNIQUE,
    inode INTEGER NOT NULL,
    size INTEGER NOT NULL,
    mtime_ms REAL NOT NULL,
    fingerprint TEXT NOT NULL,
    thread_id TEXT,
    name_thread_id TEXT,
    rollout_id TEXT,
    base_rollout_id TEXT,
    scan TEXT NOT NULL
  );
  CREATE INDEX rollouts_by_thread ON rollouts (thread_id);
  -- In nearly every file these ids are the thread's own, which the index above finds.
  CREATE INDEX rollouts_by_name ON rollouts (name_thread_id) WHERE name_thread_id IS NOT thread_id;
  CREATE INDEX rollouts_by_rollout ON rollouts (rollout_id) WHERE rollout_id IS NOT thread_id;
  CREATE INDEX rollouts_by_base ON rollouts (base_rollout_id) WHERE base_rollout_id IS NOT NULL;

  -- One row a thread with what lists filter and sort by; kept narrow, because searches look at every row.
  CREATE TABLE threads (
    key INTEGER PRIMARY KEY,
    thread_id TEXT NOT NULL UNIQUE,
    archived INTEGER NOT NULL,
    has_preview INTEGER NOT NULL,
    source_kind TEXT NOT NULL,
    model_provider TEXT NOT NULL,
    cwd TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    recency_at TEXT NOT NULL,
    attached_to TEXT,
    section_id TEXT,
    section_value TEXT NOT NULL,
    project_id TEXT,
    agent_path TEXT,
    search_text TEXT NOT NULL,
    path TEXT NOT NULL
  );
  CREATE INDEX threads_by_creation ON threads (archived, created_at, thread_id);
  CREATE INDEX threads_by_update ON threads (archived, updated_at, thread_id);
  CREATE INDEX threads_by_recency ON threads (archived, recency_at, thread_id);

  -- The summary of each thread, as JSON.
  CREATE TABLE summaries (key INTEGER PRIMARY KEY, summary TEXT NOT NULL);

  -- What is known of threads from beside their rollouts, one table a source.
  CREATE TABLE recorded_names (thread_id TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE neighbour_threads (thread_id TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;

  CREATE TABLE edges (
    child_thread_id TEXT PRIMARY KEY,
    parent_thread_id TEXT NOT NULL,
    status TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX edges_by_parent ON edges (parent_thread_id, child_thread_id);

  -- Signatures of the files that are read whole, so that they are read again only when they changed.
  CREATE TABLE sources (name TEXT PRIMARY KEY, signature TEXT NOT NULL) WITHOUT ROWID;
  `,
  `
  -- What the metadata journal tells of each thread, as far as it was read; 'sources' says how far that is.
  CREATE TABLE journal_threads (thread_id TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
  `,
  `
  -- How far the history of a thread was folded into turns.
  CREATE TABLE turn_folds (fold INTEGER PRIMARY KEY, thread_id TEXT NOT NULL UNIQUE, state TEXT NOT NULL);

  -- One row a turn: what is known of it, and for each of its items the place of the lines it is made of. 'items_from' and
  -- 'items_to' are set where items of it stand among those of other turns.
  CREATE TABLE turns (
    fold INTEGER NOT NULL,
    first_ordinal INTEGER NOT NULL,
    turn_id TEXT NOT NULL,
    header TEXT NOT NULL,
    items_from INTEGER,
    items_to INTEGER,
    items BLOB NOT NULL,
    PRIMARY KEY (fold, first_ordinal, turn_id)
  ) WITHOUT ROWID;
  CREATE UNIQUE INDEX turns_by_id ON turns (fold, turn_id);
  CREATE INDEX turns_out_of_order ON turns (fold, items_to) WHERE items_to IS NOT NULL;
  `,
  `
  -- What searches look for among names. Rows are made anew, so that each has it.
  ALTER TABLE threads ADD COLUMN name_text TEXT NOT NULL DEFAULT '';
  DELETE FROM rollouts; DELETE FROM threads; DELETE FROM summaries; DELETE FROM sources;

  -- How far the messages of each rollout were indexed, and what the file was then.
  CREATE TABLE text_files (
    file INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    path TEXT NOT NULL,
    inode INTEGER NOT NULL,
    size INTEGER NOT NULL,
    mtime_ms REAL NOT NULL,
    read_to INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    lines INTEGER NOT NULL,
    docs INTEGER NOT NULL
  );
  CREATE INDEX text_files_by_path ON text_files (path);

  -- The lines of a rollout that a document stands for: its key is that of the file, and a number within it.
  CREATE TABLE text_docs (
    doc INTEGER PRIMARY KEY,
    start INTEGER NOT NULL,
    length INTEGER NOT NULL,
    first_line INTEGER NOT NULL
  );
  CREATE VIRTUAL TABLE texts USING fts5(words, content='', contentless_delete=1, detail=full, tokenize='ascii');

  -- Every word of the documents, for terms that are parts of words.
  CREATE TABLE text_words (word TEXT PRIMARY KEY) WITHOUT ROWID;
  `,
  `
  -- What Codex's database tells of a thread has how far its user has read it.
  DELETE FROM sources;
  `,
];

/** The version this code reads and writes. */
export const SCHEMA_VERSION = SCHEMA_STEPS.length;

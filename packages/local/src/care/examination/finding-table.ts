/** What a kind of finding means, whatever file it is found in. */
export interface FindingMeaning {
  /** What threadstore's own readers make of it. */
  readonly readers: string;
  /** What the real Codex 0.169.0 does with it, as observed; "not observed" where it was not. */
  readonly codex: string;
  readonly advice: string;
  /** Whether `repairHome` writes a mended copy because of it. */
  readonly isMended: boolean;
}

const REPAIR = "threadstore doctor --repair writes a mended copy";
const SKIPPED = "skips the line; a paginated thread shows no turns until it is resumed";

function mended(readers: string, codex: string, advice = REPAIR): FindingMeaning {
  return { readers, codex, advice, isMended: true };
}

function shown(readers: string, codex: string, advice: string): FindingMeaning {
  return { readers, codex, advice, isMended: false };
}

/** Every kind of finding. */
export const FINDINGS = {
  unreadable: shown(
    "what was known of it before is still listed",
    "not observed",
    "give yourself the right to read the file",
  ),
  empty_file: shown(
    "there is no thread in it",
    "does not list it; reading and resuming fail",
    "delete it, or put a backup in its place",
  ),
  no_records: shown(
    "there is no thread in it",
    "does not list it; reading and resuming fail",
    "put a backup in its place, or delete it",
  ),
  no_thread: shown(
    "nobody can ask for its records",
    "does not list it",
    "give the file its thread's id, as in rollout-<time>-<id>.jsonl",
  ),
  torn_end: mended(
    "passes over the fragment; the next append closes it off",
    "ignores the fragment; resuming closes it off with a newline",
  ),
  nul_tail: mended(
    "passes over the zeros; the next append closes them off",
    "skips them; a paginated thread shows no turns until it is resumed",
  ),
  nul_bytes: mended("passes over the line", "skips them; a paginated thread shows no turns until it is resumed"),
  garbage_lines: mended("passes over the lines; in a legacy thread they keep their place", SKIPPED),
  glued_lines: mended("passes over the whole line, the record on it included", SKIPPED),
  invalid_utf8: mended(
    "passes over the lines",
    "turns and resuming fail (-32603); some of its lists leave the thread out",
  ),
  byte_order_mark: mended("passes over the mark", "does not list the thread; reading and resuming fail (-32603)"),
  first_line_garbage: mended(
    "passes over the line",
    'lists and reads the thread; resuming fails: "failed to parse first rollout record"',
  ),
  meta_not_first: mended(
    "the session_meta counts wherever it stands",
    'lists and reads the thread; resuming fails: "failed to parse first rollout record"',
  ),
  no_meta: mended("the id in the file's name stands in", "does not list it by default; reading fails"),
  incomplete_meta: mended("a missing field is missing, nothing else", "does not list it by default; reading fails"),
  name_mismatch: shown(
    "the thread has the id in its session_meta, and is found by the one in the name too",
    "does not list it; reads it by its path",
    "rename the file so that it ends in the thread's id",
  ),
  unknown_history_mode: mended("reads it as legacy", 'does not list it; reading and resuming fail: "unknown variant"'),
  missing_ordinals: mended(
    "a missing ordinal is one more than the one before",
    "shows no turns; resuming fails when the last record has none",
  ),
  duplicate_ordinals: mended("keeps every item, in the order of the file", "loses an item when the thread is resumed"),
  descending_ordinals: mended(
    "keeps every item, in the order of the file",
    "shows no turns until the thread is resumed; equal ordinals lose an item then",
  ),
  ordinal_gaps: shown(
    "nothing is lost by a gap itself",
    "shows no turns until the thread is resumed",
    "nothing; if items are missing, look for them in a backup",
  ),
  ordinal_start: shown(
    "keeps the ordinals as they are",
    "shows no turns until the thread is resumed",
    "nothing; if items are missing, look for them in a backup",
  ),
  long_lines: shown(
    "reads the line; it could not be appended by threadstore",
    "not observed",
    "nothing; archive or prune the thread if it is too heavy",
  ),
  damaged_zst: mended(
    "reads what comes before the damage",
    "not observed",
    "put a backup in its place; threadstore doctor --repair writes what can be read as a plain file",
  ),
  missing_base: shown(
    "reads the thread's own items",
    "not observed; the base's turns cannot be shown",
    "restore the base from a backup",
  ),
  circular_base: shown("reads the thread's own items", "not observed", "restore the thread and its base from a backup"),
  cut_beyond_base: shown(
    "reads what the base has, then the thread's own items",
    "not observed",
    "restore the base from a backup: its end is missing",
  ),
  double_rollout: shown(
    "one file counts, the others are passed over",
    "the plain file counts before the compressed one; of an active and an archived one its database decides",
    "compare the files, and move the one that does not count out of the home",
  ),
  split_thread: shown(
    "the active files count before the archived ones; the history is read across both",
    "not observed",
    "archive or unarchive the thread: all of its files move",
  ),
  stale_names: shown(
    "nobody asks for the name",
    "passes over the name",
    "nothing; if the thread should be there, restore it from a backup",
  ),
  damaged_names: shown("passes over the line", "passes over the line", "name the thread anew if its name is missing"),
  journal_torn: shown(
    "passes over the last record, which was acknowledged to nobody",
    "does not read the file",
    "nothing; the next record closes it off",
  ),
  journal_damaged: shown(
    "passes over the records; what they said of their threads is lost",
    "does not read the file",
    "restore the file from a backup, or set the metadata anew",
  ),
  journal_newer: shown(
    "refuses to read the home's metadata (unavailable)",
    "does not read the file",
    "use the newer threadstore that wrote it",
  ),
  unfinished_delete: shown(
    "there is no such thread",
    "there is no such thread",
    "nothing, or delete the file of keys; if the thread should be there, restore it from a backup",
  ),
  dangling_edge: shown(
    "the edge is listed with the thread that is left",
    "keeps the row",
    "threadstore edges tells what is left; restore the missing thread from a backup if it should be there",
  ),
  index_drift: shown("lists show what the index says", "does not read the index", "threadstore reindex"),
  index_unavailable: shown(
    "nothing can be listed",
    "does not read the index",
    "do what the error says; the index itself may be deleted",
  ),
  database_unreadable: shown(
    "names, edits and edges that only this database tells are not shown",
    "moves a damaged database away and makes it anew from the rollouts",
    "try again when Codex is not running; else let Codex mend it",
  ),
  leftover_lock: shown(
    "none: nobody holds the lock",
    "none: removes it when it starts to write",
    "nothing; the next writer removes it",
  ),
  leftover_file: shown("passes over the file", "passes over the file", "delete it when no program is at work on it"),
  log_unreplayed: shown(
    "the next opening of a store, when nobody writes the threads, puts back what a power cut took and removes the log",
    "does not read the log; lacks what the power cut took, and may go on without it",
    "threadstore list, before Codex goes on with the threads and before anything is mended",
  ),
  log_damaged: shown(
    "puts back what comes before; a block that a power cut stopped was acknowledged to nobody",
    "does not read the log",
    "nothing after a power cut; otherwise keep a copy of the file, which the next opening of a store removes",
  ),
  log_newer: shown(
    "does not know what is in it: what a power cut took is not put back",
    "does not read the log",
    "keep a copy of the file, and open the home with the newer threadstore that wrote it before any other",
  ),
  recovered_bytes: shown(
    "passes over the folder",
    "passes over the folder",
    "look at what is in it, put it where it belongs, then delete it",
  ),
} as const satisfies Readonly<Record<string, FindingMeaning>>;

export type FindingType = keyof typeof FINDINGS;

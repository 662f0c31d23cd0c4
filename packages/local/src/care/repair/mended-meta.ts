import {
  asJsonObject,
  formatRolloutLine,
  type HistoryMode,
  type JsonObject,
  objectField,
  readRolloutLine,
  type ThreadId,
  textField,
} from "@threadstore/core";
import { hasKnownMode } from "../examination/check-meta.js";

/** What is known of a thread besides its session_meta: what a member that is missing is filled with. */
export interface MetaSource {
  readonly threadId: ThreadId;
  readonly historyMode: HistoryMode;
  /** When the thread began, as far as its lines or its file tell. */
  readonly createdAt: string;
  /** The folder of its first turn. */
  readonly cwd: string | undefined;
}

/** A session_meta that the real Codex reads. */
export interface MendedMeta {
  /** The line, without its newline and without an ordinal. */
  readonly timestamp: string;
  readonly json: string;
  /** Members that were filled in or set; empty: the text is as it was. */
  readonly filled: readonly string[];
}

/** Stands for a folder that nobody knows any more. */
const UNKNOWN_CWD = "/";
const MADE_BY = { originator: "threadstore_doctor", cli_version: "0.0.0" };

/** Fills in what a session_meta lacks; null makes one. */
export function mendMeta(text: string | null, source: MetaSource): MendedMeta {
  const line = text === null ? null : readRolloutLine(text);
  const payload = (line && objectField(line.item as unknown as JsonObject, "payload")) ?? {};
  const needed = {
    id: source.threadId,
    timestamp: source.createdAt,
    cwd: source.cwd ?? UNKNOWN_CWD,
    ...MADE_BY,
  };
  const lacking = Object.entries(needed).filter(([name]) => textField(payload, name) === undefined);
  const mode = modeFor(payload, { isMade: line === null, historyMode: source.historyMode });
  const changes = { ...Object.fromEntries(lacking), ...(mode === undefined ? {} : { history_mode: mode }) };
  const timestamp = line?.timestamp ?? source.createdAt;
  const filled = [...Object.keys(changes), ...(line?.timestamp === undefined ? ["timestamp of the line"] : [])];
  if (line && Object.keys(changes).length === 0) return { timestamp, json: line.json, filled };
  const item = line ? (asJsonObject(JSON.parse(line.json)) ?? {}) : { type: "session_meta" };
  return { timestamp, json: JSON.stringify({ ...item, payload: { ...payload, ...changes } }), filled };
}

/** The history mode to set; undefined leaves it as it is. */
function modeFor(
  payload: JsonObject,
  { isMade, historyMode }: { readonly isMade: boolean; readonly historyMode: HistoryMode },
): HistoryMode | undefined {
  return isMade || !hasKnownMode(payload) ? historyMode : undefined;
}

/** A line of a rollout with an ordinal of its own, or without any. */
export function formatLine({
  timestamp,
  ordinal,
  json,
}: {
  timestamp: string;
  ordinal: number | undefined;
  json: string;
}) {
  // A time of another program may hold what has to be escaped.
  const escaped = JSON.stringify(timestamp).slice(1, -1);
  return Buffer.from(formatRolloutLine({ timestamp: escaped, ordinal, json }));
}

import { asJsonObject, parseInstant, type RolloutItem, type RolloutRecord, type StoredTurn } from "@threadstore/core";
import { isAtOrBeyond, type OrdinalAnchor, ownHistoryStart, RecentTurns } from "@threadstore/core/driver";
import type { OpenFile } from "../file-system/file-system.js";
import type { LineagePart } from "../index/lineage.js";
import { isBlank, readRecord } from "../rollout/line-item.js";
import { type LineBytes, readLines, readLinesBackward } from "../rollout/line-reader.js";
import type { HistoryFiles } from "./history-files.js";
import type { FoldedThread } from "./stored-fold.js";
import { isBesideTurns } from "./turn-record.js";

/** Bytes of the end of a history that are read for a page before its turns are indexed; beyond them the index is made. */
const TAIL_MAX_BYTES = 16 * 1024 * 1024;

/** Which turns are looked for: the last ones at or before an anchor. */
export interface RecentQuery {
  readonly anchor: OrdinalAnchor | null;
  readonly count: number;
}

/**
 * The last turns of a paginated history, oldest first, read from its end; all of them when there are fewer. Null when the
 * end of the history does not tell, or is too far from the anchor.
 */
export function readRecentTurns(
  files: HistoryFiles,
  thread: FoldedThread,
  query: RecentQuery,
): readonly StoredTurn[] | null {
  if (thread.historyMode !== "paginated") return null;
  const scan = new TailScan(files, thread, query);
  return scan.run();
}

/** Reads a history backwards until it knows enough. */
class TailScan {
  readonly #files: HistoryFiles;
  readonly #thread: FoldedThread;
  readonly #query: RecentQuery;
  readonly #recent: RecentTurns;
  #bytesLeft = TAIL_MAX_BYTES;
  /** Starts at or before the anchor that were seen, and how many it takes until the turns are put together. */
  #starts = 0;
  #startsNeeded: number;
  #turns: readonly StoredTurn[] | null = null;
  /** Whether the end of the history does not tell. */
  #isHopeless = false;

  constructor(files: HistoryFiles, thread: FoldedThread, query: RecentQuery) {
    this.#files = files;
    this.#thread = thread;
    this.#query = query;
    this.#recent = new RecentTurns(thread.threadId, this.#hiddenBefore());
    this.#startsNeeded = query.count + 1;
  }

  run(): readonly StoredTurn[] | null {
    const { parts } = this.#thread.lineage;
    for (let at = parts.length - 1; at >= 0 && !this.#isOver; at--) this.#readPart(at);
    if (this.#isHopeless || this.#turns) return this.#turns;
    this.#recent.end();
    return this.#recent.turns({ count: 0, segmentStart: 0 });
  }

  get #isOver(): boolean {
    return this.#turns !== null || this.#isHopeless || this.#recent.isWhole;
  }

  #readPart(at: number): void {
    const file = this.#files.part(at);
    const part = this.#thread.lineage.parts[at] as LineagePart;
    const segmentStart = this.#segmentStartOf(at);
    if (segmentStart === null) this.#isHopeless = true;
    else {
      readLinesBackward(file, { start: 0, end: file.status().size }, (line) => {
        this.#takeLine(line, { part, segmentStart });
        return !this.#isOver;
      });
    }
  }

  #takeLine(
    line: LineBytes,
    { part, segmentStart }: { readonly part: LineagePart; readonly segmentStart: number },
  ): void {
    this.#bytesLeft -= line.end - line.start;
    this.#isHopeless = this.#bytesLeft < 0;
    if (isBlank(line) || (line.isClosed && isBesideTurns(line, "paginated"))) return;
    const record = readRecord(line);
    if (!record) return;
    const timestamp = parseInstant(record.timestamp ?? "");
    const { ordinal, item } = record;
    // What a line lacks the lines before it tell, all of them.
    this.#isHopeless ||= timestamp === null || ordinal === undefined;
    if (
      timestamp === null ||
      ordinal === undefined ||
      ordinal >= (part.endOrdinalExclusive ?? Number.POSITIVE_INFINITY)
    )
      return;
    const isStart = this.#recent.take({ item, ordinal, timestamp });
    if (isStart) this.#takeStart(ordinal, segmentStart);
  }

  #takeStart(ordinal: number, segmentStart: number): void {
    const { anchor, count } = this.#query;
    if (anchor === null || ordinal <= anchor.ordinal) this.#starts++;
    if (this.#starts < this.#startsNeeded) return;
    const turns = this.#recent.turns({ count: this.#recent.startedTurns - 1, segmentStart });
    const wanted = turns?.filter((turn) => isWanted(turn, anchor)) ?? [];
    if (wanted.length >= count) this.#turns = turns;
    else this.#startsNeeded = this.#starts * 2;
  }

  /** Where the thread's own history begins. */
  #hiddenBefore(): number {
    const at = this.#thread.lineage.parts.length - 1;
    const meta = at < 0 ? null : this.#ownMetaOf(at);
    return meta === null ? 0 : ownHistoryStart(asJsonObject(meta.item.payload) ?? {}, meta.ordinal);
  }

  /** Where the segment of the thread that a part is begins; 0 in other threads' rollouts; null when that is not known. */
  #segmentStartOf(at: number): number | null {
    const part = this.#thread.lineage.parts[at] as LineagePart;
    return part.rollout.threadId === this.#thread.threadId ? (this.#ownMetaOf(at)?.ordinal ?? null) : 0;
  }

  /** The session_meta that a part begins with. */
  #ownMetaOf(at: number): { readonly item: RolloutItem; readonly ordinal: number } | null {
    const { item, ordinal } = firstRecordOf(this.#files.part(at)) ?? {};
    return item?.type === "session_meta" && ordinal !== undefined ? { item, ordinal } : null;
  }
}

function firstRecordOf(file: OpenFile): RolloutRecord | null {
  let first: RolloutRecord | null = null;
  readLines(file, { start: 0, end: file.status().size }, (line) => {
    if (!isBlank(line)) first = readRecord(line);
    return isBlank(line);
  });
  return first;
}

function isWanted({ firstOrdinal, turnId }: StoredTurn, anchor: OrdinalAnchor | null): boolean {
  return anchor === null || isAtOrBeyond({ ordinal: firstOrdinal, id: turnId }, anchor, "desc");
}

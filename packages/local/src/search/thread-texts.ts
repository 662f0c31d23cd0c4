import { asJsonObject, textField } from "@threadstore/core";
import { holdsTerm, searchableTexts, type TextScope } from "@threadstore/core/driver";
import type { OpenFile } from "../file-system/file-system.js";
import type { IndexDatabase } from "../index/index-database.js";
import type { Lineage, LineagePart } from "../index/lineage.js";
import { isBlank, readRecord } from "../rollout/line-item.js";
import { peekLine, peekNames, peekOrdinal } from "../rollout/line-peek.js";
import { type LineBytes, readLines, readLinesBackward } from "../rollout/line-reader.js";
import type { HistoryFiles } from "../turns/history-files.js";
import { messageTexts } from "./message-texts.js";
import type { LineRange } from "./text-document.js";
import { firstDocOf, textFileOf } from "./text-files.js";

/** What is looked for in a thread. */
export interface TextQuery {
  readonly term: string;
  readonly scopes: ReadonlySet<TextScope>;
  /** What the text index is asked; null when it cannot tell, or does not hold what is looked for. */
  readonly expression: string | null;
  /** Stops at the first text that holds the term. */
  readonly isFirstEnough: boolean;
}

/** Texts of a thread that hold a term. */
export interface FoundTexts {
  readonly first: string;
  /** Where the line of the first one lies. */
  readonly place: TextPlace;
  /** How many different ones there are; 1 where the first was enough. */
  readonly count: number;
}

export interface TextPlace {
  readonly part: number;
  readonly offset: number;
  /** A line before it, or it itself, of which it is known how many lines come before: that many. */
  readonly counted: { readonly offset: number; readonly lines: number };
  /** The turn that the line itself names. */
  readonly turnId?: string;
}

/** Looks for a term in what a thread wrote itself: since it was last reverted, then before. */
export function findTexts(
  index: IndexDatabase,
  { files, threadId }: { readonly files: HistoryFiles; readonly threadId: string },
  query: TextQuery,
): FoundTexts | null {
  const texts = new Set<string>();
  let first: Pick<FoundTexts, "first" | "place"> | undefined;
  for (const part of ownParts(files.lineage, threadId)) {
    const { rollout, endOrdinalExclusive } = files.lineage.parts[part] as LineagePart;
    const file = files.part(part);
    for (const range of rangesOf(index, {
      path: rollout.path,
      size: file.status().size,
      expression: query.expression,
    })) {
      readLines(file, range, (line) => {
        for (const text of textsOf(line, query.scopes)) {
          if (texts.has(text) || !holdsTerm(text, query.term) || isBeyond(line, endOrdinalExclusive)) continue;
          texts.add(text);
          first ??= {
            first: text,
            place: placeOf(line, { part, counted: { offset: range.start, lines: range.firstLine } }),
          };
        }
        return !(first && query.isFirstEnough);
      });
      if (first && query.isFirstEnough) break;
    }
    if (first && query.isFirstEnough) break;
  }
  return first ? { ...first, count: texts.size } : null;
}

/** The parts of a history that its thread wrote, the newest first. What it was forked from is found there. */
function ownParts({ parts }: Lineage, threadId: string): number[] {
  return parts.flatMap(({ rollout }, part) => (rollout.threadId === threadId ? [part] : [])).reverse();
}

interface RangesRequest {
  readonly path: string;
  /** Of the file, as plain text. */
  readonly size: number;
  readonly expression: string | null;
}

/** Where in a rollout the term may stand: where the index says, and behind what it holds; everywhere when it cannot tell. */
export function rangesOf(index: IndexDatabase, { path, size, expression }: RangesRequest): LineRange[] {
  const known = expression === null ? undefined : textFileOf(index, { path });
  if (!known || expression === null) return [{ start: 0, end: size, firstLine: 0 }];
  const docs = [firstDocOf(known.file), firstDocOf(known.file + 1)] as const;
  // Of a short rollout all documents are read sooner than the index is asked which.
  const rows =
    known.docs <= FEW_DOCUMENTS
      ? index.all(`SELECT ${RANGE} FROM text_docs WHERE doc >= ? AND doc < ? ORDER BY doc`, ...docs)
      : index.all(HOLDING, expression, ...docs);
  const held = rows.map(({ start, length, first_line }) => {
    return { start: Number(start), end: Number(start) + Number(length), firstLine: Number(first_line) };
  });
  return known.readTo < size ? [...held, { start: known.readTo, end: size, firstLine: known.lines }] : held;
}

const FEW_DOCUMENTS = 8;
const RANGE = "start, length, first_line";
const HOLDING = `SELECT ${RANGE} FROM texts JOIN text_docs ON doc = texts.rowid
  WHERE texts MATCH ? AND texts.rowid >= ? AND texts.rowid < ? ORDER BY doc`;

function textsOf(line: LineBytes, scopes: ReadonlySet<TextScope>): string[] {
  const said = scopes.has("messages") ? messageTexts(line) : [];
  if (!scopes.has("tools") && !scopes.has("reasoning")) return said;
  const record = readRecord(line);
  const others = record === null ? [] : searchableTexts(record.item);
  return [...said, ...others.flatMap(({ scope, text }) => (scope !== "messages" && scopes.has(scope) ? [text] : []))];
}

function isBeyond(line: LineBytes, endOrdinalExclusive: number | null): boolean {
  return endOrdinalExclusive !== null && (peekOrdinal(line) ?? 0) >= endOrdinalExclusive;
}

function placeOf(line: LineBytes, known: Pick<TextPlace, "part" | "counted">): TextPlace {
  const payload = asJsonObject(readRecord(line)?.item.payload) ?? {};
  const turnId = textField(payload, "turn_id");
  return { ...known, offset: line.offset, ...(turnId === undefined ? {} : { turnId }) };
}

const TURN_STARTS = peekNames([], ["task_started", "turn_started"]);

/** The turn that began last before a place; undefined where none is told there. */
export function turnBefore(file: OpenFile, { offset }: Pick<TextPlace, "offset">): string | undefined {
  let turnId: string | undefined;
  readLinesBackward(file, { start: 0, end: offset }, (line) => {
    const kind = peekLine(line, TURN_STARTS);
    if (kind === "other") return true;
    const record = readRecord(line);
    const payload = record?.item.type === "event_msg" ? asJsonObject(record.item.payload) : null;
    const isStart = payload?.type === "task_started" || payload?.type === "turn_started";
    if (isStart) turnId = textField(payload, "turn_id");
    return !isStart;
  });
  return turnId;
}

/** The ordinal of a line of a legacy rollout: its number among those that are not blank. */
export function ordinalAt(file: OpenFile, { counted, offset }: TextPlace): number {
  let ordinal = counted.lines;
  readLines(file, { start: counted.offset, end: offset }, (line) => {
    if (!isBlank(line)) ordinal += 1;
    return true;
  });
  return ordinal;
}

import { type HistoryMode, instantFromMs } from "@threadstore/core";
import type { FileSystem, OpenFile } from "../../file-system/file-system.js";
import type { RolloutRow } from "../../index/rollout-row.js";
import { textOfLine } from "../../rollout/line-item.js";
import { type LineBytes, readLines } from "../../rollout/line-reader.js";
import { hasKnownMode } from "../examination/check-meta.js";
import { classifyLine, type ExaminedRecord, type RejectedLine } from "../examination/classify-line.js";
import { type FindingPlace, Places } from "../examination/finding.js";
import { type Content, HashedOutput } from "../hashed-output.js";
import { withoutZeros } from "../without-zeros.js";
import { formatLine, type MendedMeta, mendMeta } from "./mended-meta.js";
import { renumberLine } from "./renumber-line.js";

/** What is different in a mended copy. */
export interface MendedChanges {
  /** Lines and parts of lines that are no records: they are in the side file. */
  readonly removedFragments: number;
  /** Where the first ones of them stood. */
  readonly removedAt: readonly FindingPlace[];
  /** Records that stood behind zeros or a fragment on one line. */
  readonly rescuedRecords: number;
  /** Bytes of zero that are in neither file. */
  readonly removedZeros: number;
  readonly removedByteOrderMark: boolean;
  /** Records that have another ordinal now. */
  readonly renumbered: number;
  /** Where the session_meta is from. */
  readonly meta: "kept" | "moved to the front" | "made";
  /** Its members that were filled in. */
  readonly metaFilled: readonly string[];
}

export interface MendedCopy {
  readonly copy: Content;
  /** Null: nothing was removed. */
  readonly fragments: Content | null;
  readonly records: number;
  readonly historyMode: HistoryMode;
  readonly changes: MendedChanges;
}

export interface MendParams {
  readonly files: FileSystem;
  /** The text of the rollout. */
  readonly file: OpenFile;
  readonly row: RolloutRow & { readonly threadId: string };
  /** Whether every record has an ordinal: then a rollout that does not say its mode is paginated. */
  readonly isNumbered: boolean;
  /** Where the copy is written, and where what is left out of it. */
  readonly copyPath: string;
  readonly fragmentsPath: string;
}

/** Writes a copy of a rollout that holds its records and nothing else, in their order, the session_meta first. */
export async function mendRollout(params: MendParams): Promise<MendedCopy> {
  const mender = new RolloutMender(params, findMeta(params.file));
  try {
    return await mender.run();
  } catch (error) {
    mender.abandon();
    throw error;
  }
}

const NEWLINE = Buffer.from("\n");

class RolloutMender {
  readonly #params: MendParams;
  readonly #meta: FoundMeta | null;
  readonly #historyMode: HistoryMode;
  readonly #copy: HashedOutput;
  #fragments: HashedOutput | null = null;
  #next: number;
  #records = 0;
  #before: string;
  readonly #removed = new Places();
  readonly #counts = { rescuedRecords: 0, removedZeros: 0, renumbered: 0 };
  #hasMark = false;

  constructor(params: MendParams, meta: FoundMeta | null) {
    const { row, isNumbered } = params;
    const { scan } = row;
    this.#params = params;
    this.#meta = meta;
    this.#historyMode = meta?.saysMode ? scan.historyMode : isNumbered ? "paginated" : "legacy";
    this.#next = scan.base?.endOrdinalExclusive ?? 0;
    this.#before = scan.facts.meta?.createdAt ?? scan.facts.firstItemAt ?? instantFromMs(row.mtimeMs);
    this.#copy = new HashedOutput(params.files, params.copyPath);
  }

  async run(): Promise<MendedCopy> {
    const found = this.#meta;
    const { threadId, scan } = this.#params.row;
    const meta = mendMeta(found?.text ?? null, {
      threadId,
      historyMode: this.#historyMode,
      createdAt: this.#before,
      cwd: scan.facts.contextCwd,
    });
    const isKept = found?.isFirst === true && meta.filled.length === 0;
    if (!isKept) this.#writeMeta(meta);
    const skipped = isKept ? null : (found?.offset ?? null);
    let number = 0;
    readLines(this.#params.file, { start: 0, end: this.#params.file.status().size }, (line) => {
      this.#visit(line, { place: { line: ++number, offset: line.offset }, isSkipped: line.offset === skipped });
      return true;
    });
    return this.#finish(meta);
  }

  abandon(): void {
    this.#copy.abandon();
    this.#fragments?.abandon();
  }

  #writeMeta({ timestamp, json }: MendedMeta): void {
    const ordinal = this.#historyMode === "paginated" ? this.#next++ : undefined;
    this.#copy.write(formatLine({ timestamp, ordinal, json }));
    this.#records++;
  }

  #visit(line: LineBytes, { place, isSkipped }: { readonly place: FindingPlace; readonly isSkipped: boolean }): void {
    const found = classifyLine(line);
    if (found.type === "blank") return;
    if (found.type === "rejected") {
      this.#setAside(line, { found, place });
      if (found.rescued && !isSkipped) this.#writeRecord(found.rescued.text, found.rescued.record);
      return;
    }
    if (isSkipped) return;
    const text = line.buffer.subarray(line.start, line.end);
    const mark = line.offset === 0 && text[0] === 0xef ? 3 : 0;
    if (mark > 0) this.#hasMark = true;
    this.#writeRecord(text.subarray(mark), found.record);
  }

  /** Bytes of a record, as they are unless it needs another ordinal. */
  #writeRecord(bytes: Buffer, record: ExaminedRecord): void {
    this.#records++;
    this.#before = record.timestamp ?? this.#before;
    const ordinal = this.#historyMode === "paginated" ? this.#ordinalOf(record.ordinal) : record.ordinal;
    const isKept = ordinal === record.ordinal;
    if (!isKept) this.#counts.renumbered++;
    const parts = isKept ? [bytes, NEWLINE] : renumberLine(bytes, record, { timestamp: this.#before, ordinal });
    for (const part of parts) this.#copy.write(part);
  }

  /** The recorded ordinal when it comes after those before it, else the next one. */
  #ordinalOf(recorded: number | undefined): number {
    const ordinal = recorded !== undefined && recorded >= this.#next ? recorded : this.#next;
    this.#next = ordinal + 1;
    return ordinal;
  }

  /** Keeps what is no record in the side file; zeros tell nothing and are only counted. */
  #setAside(line: LineBytes, { found, place }: { readonly found: RejectedLine; readonly place: FindingPlace }): void {
    const { buffer, start, end } = line;
    const kept = withoutZeros(buffer.subarray(start, found.rescued ? start + found.rescued.fragmentBytes : end));
    if (found.why === "nul")
      this.#counts.removedZeros += end - start - withoutZeros(buffer.subarray(start, end)).length;
    if (found.rescued) this.#counts.rescuedRecords++;
    if (kept.length === 0) return;
    this.#removed.add(place);
    this.#fragments ??= new HashedOutput(this.#params.files, this.#params.fragmentsPath);
    this.#fragments.write(kept);
    this.#fragments.write(NEWLINE);
  }

  async #finish(meta: MendedMeta): Promise<MendedCopy> {
    const found = this.#meta;
    const [removed] = this.#removed.toFindings("garbage_lines", () => "");
    return {
      copy: await this.#copy.finish(),
      fragments: (await this.#fragments?.finish()) ?? null,
      records: this.#records,
      historyMode: this.#historyMode,
      changes: {
        removedFragments: this.#removed.count,
        removedAt: removed?.places ?? [],
        ...this.#counts,
        removedByteOrderMark: this.#hasMark,
        meta: found === null ? "made" : found.isFirst ? "kept" : "moved to the front",
        metaFilled: meta.filled,
      },
    };
  }
}

interface FoundMeta {
  readonly text: string;
  readonly offset: number;
  /** Whether no record stands before it. */
  readonly isFirst: boolean;
  /** Whether its history mode is one that is known; a missing one is legacy. */
  readonly saysMode: boolean;
}

/** The first session_meta, also one that stands behind zeros or a fragment. */
function findMeta(file: OpenFile): FoundMeta | null {
  let found: FoundMeta | null = null;
  let isFirst = true;
  readLines(file, { start: 0, end: file.status().size }, (line) => {
    const classified = classifyLine(line);
    const rescued = classified.type === "rejected" ? classified.rescued : undefined;
    const record = classified.type === "record" ? classified.record : rescued?.record;
    if (!record) return true;
    if (record.meta) {
      const text = rescued ? rescued.text.toString("utf8") : (textOfLine(line) ?? "");
      found = { text, offset: line.offset, isFirst, saysMode: hasKnownMode(record.meta) };
      return false;
    }
    isFirst = false;
    return true;
  });
  return found;
}

import type { ThreadId } from "@threadstore/core";
import type { LineBytes } from "../../rollout/line-reader.js";
import type { RolloutScan } from "../../rollout/scan-rollout.js";
import { checkMeta, type MetaCheck } from "./check-meta.js";
import { classifyLine, type ExaminedRecord, type RejectedLine } from "./classify-line.js";
import { aboutFile, counted, type FileFinding, type FindingPlace, Places } from "./finding.js";
import { OrdinalCheck } from "./ordinal-check.js";

/** The first session_meta of a rollout. */
interface FirstMeta extends MetaCheck {
  readonly place: FindingPlace;
  /** Whether it is the first record. */
  readonly isFirst: boolean;
}

export interface RolloutCheckOptions {
  readonly scan: RolloutScan;
  readonly nameThreadId: ThreadId | null;
  /** Longer lines are findings. */
  readonly lineMaxBytes: number;
}

/** The marks that files of some editors begin with. */
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Looks at the lines of one rollout in order, keeps none of them, and says what is wrong. */
export class RolloutCheck {
  readonly #options: RolloutCheckOptions;
  readonly #ordinals: OrdinalCheck | null;
  readonly #garbage = new Places();
  readonly #glued = new Places();
  readonly #invalidUtf8 = new Places();
  readonly #zeros = new Places();
  readonly #longLines = new Places();
  readonly #tornEnd = new Places();
  readonly #zeroTail = new Places();
  readonly #firstGarbage = new Places();
  readonly #mark = new Places();
  /** Lines of zeros that no record follows so far: at the end of a file they are its tail. */
  #openZeros: FindingPlace[] = [];
  #line = 0;
  #filledLines = 0;
  #records = 0;
  #numbered = 0;
  #meta: FirstMeta | null = null;

  constructor(options: RolloutCheckOptions) {
    this.#options = options;
    const { historyMode, base } = options.scan;
    this.#ordinals = historyMode === "paginated" ? new OrdinalCheck(base?.endOrdinalExclusive ?? 0) : null;
  }

  visit(line: LineBytes): void {
    this.#line++;
    const place = { line: this.#line, offset: line.offset };
    if (line.offset === 0 && startsWithMark(line)) this.#mark.add({ line: 1, offset: 0 });
    if (line.end - line.start > this.#options.lineMaxBytes) this.#longLines.add(place);
    const found = classifyLine(line);
    if (found.type === "blank") return;
    this.#filledLines++;
    if (found.type === "record") this.#visitRecord(found.record, place);
    else this.#visitRejected(found, { place, isClosed: line.isClosed });
  }

  get records(): number {
    return this.#records;
  }

  /** The ordinal after the last record; null for a legacy rollout. */
  get nextOrdinal(): number | null {
    return this.#ordinals?.next ?? null;
  }

  /** Whether every record has an ordinal, whatever the history mode. */
  get isNumbered(): boolean {
    return this.#records > 0 && this.#numbered === this.#records;
  }

  /** Whether the last line is not closed and cannot be read: somebody may be about to finish it. */
  get isTorn(): boolean {
    return this.#tornEnd.count + this.#zeroTail.count > 0;
  }

  #visitRecord(record: ExaminedRecord, place: FindingPlace): void {
    const { ordinal, meta } = record;
    this.#records++;
    if (ordinal !== undefined) this.#numbered++;
    this.#zeros.addAll(this.#openZeros);
    this.#openZeros = [];
    this.#ordinals?.look(ordinal, place);
    if (meta) this.#meta ??= { place, isFirst: this.#records === 1, ...checkMeta(meta, record) };
  }

  #visitRejected(
    { why, rescued }: RejectedLine,
    { place, isClosed }: { place: FindingPlace; isClosed: boolean },
  ): void {
    this.#ordinals?.reject();
    if (why === "nul") {
      if (rescued) this.#zeros.add(place);
      else if (!isClosed) this.#zeroTail.add(place);
      else this.#openZeros.push(place);
    } else if (why === "glued") this.#glued.add(place);
    else if (!isClosed) this.#tornEnd.add(place);
    else if (this.#filledLines === 1) this.#firstGarbage.add(place);
    else (why === "invalid_utf8" ? this.#invalidUtf8 : this.#garbage).add(place);
  }

  findings(): FileFinding[] {
    if (this.#filledLines === 0) return [aboutFile("empty_file", "there is nothing but white space in the file")];
    const whole = this.#wholeFileFindings();
    this.#zeroTail.addAll(this.#openZeros);
    this.#openZeros = [];
    if (whole.some(({ type }) => type === "no_records")) return [...whole, ...this.#zeroTailFindings()];
    return [...whole, ...this.#lineFindings(), ...(this.#ordinals?.findings() ?? [])];
  }

  #lineFindings(): FileFinding[] {
    return [
      ...this.#mark.toFindings("byte_order_mark", () => "the file begins with a byte order mark"),
      ...this.#firstGarbage.toFindings("first_line_garbage", () => "the first line is no record"),
      ...this.#garbage.toFindings("garbage_lines", (count) => `garbage on ${counted(count, "line")}`),
      ...this.#glued.toFindings(
        "glued_lines",
        (count) => `a record directly behind the fragment of another on ${counted(count, "line")}`,
      ),
      ...this.#invalidUtf8.toFindings(
        "invalid_utf8",
        (count) => `bytes that are not UTF-8 on ${counted(count, "line")}`,
      ),
      ...this.#zeros.toFindings("nul_bytes", (count) => `bytes of zero on ${counted(count, "line")}`),
      ...this.#zeroTailFindings(),
      ...this.#tornEnd.toFindings("torn_end", () => "the last line is not closed and cannot be read"),
      ...this.#longLines.toFindings(
        "long_lines",
        (count) => `more than ${this.#options.lineMaxBytes} bytes on ${counted(count, "line")}`,
      ),
    ];
  }

  #zeroTailFindings(): FileFinding[] {
    return this.#zeroTail.toFindings("nul_tail", () => "the file ends in bytes of zero");
  }

  #wholeFileFindings(): FileFinding[] {
    const { scan, nameThreadId } = this.#options;
    if (this.#records === 0) return [aboutFile("no_records", `${counted(this.#filledLines, "line")}, and no record`)];
    if (scan.threadId === null) {
      return [aboutFile("no_thread", "neither a session_meta nor the file's name says which thread it belongs to")];
    }
    const meta = this.#meta;
    if (meta === null) return [aboutFile("no_meta", "there is no session_meta in the file")];
    const isNameWrong = nameThreadId !== null && nameThreadId !== scan.threadId;
    const at = (type: FileFinding["type"], explanation: string): FileFinding => {
      return { type, count: 1, places: [meta.place], explanation };
    };
    return [
      ...(meta.isFirst ? [] : [at("meta_not_first", "records stand before the session_meta")]),
      ...(meta.missing.length > 0 ? [at("incomplete_meta", `the session_meta lacks ${meta.missing.join(", ")}`)] : []),
      ...(meta.hasUnknownMode
        ? [at("unknown_history_mode", "the session_meta names a history_mode that is neither legacy nor paginated")]
        : []),
      ...(isNameWrong
        ? [aboutFile("name_mismatch", `the name of the file says ${nameThreadId}, its session_meta ${scan.threadId}`)]
        : []),
    ];
  }
}

function startsWithMark({ buffer, start, end }: LineBytes): boolean {
  return buffer.subarray(start, Math.min(end, start + BYTE_ORDER_MARK.length)).equals(BYTE_ORDER_MARK);
}

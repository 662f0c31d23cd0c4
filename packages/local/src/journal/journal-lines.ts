import { crc32 } from "node:zlib";
import { asJsonObject, type JsonObject } from "@threadstore/core";
import { unavailable } from "@threadstore/core/driver";
import type { OpenFile } from "../file-system/file-system.js";
import { textOfLine } from "../rollout/line-item.js";
import { readLines } from "../rollout/line-reader.js";

/** The version of the records this code reads and writes. A newer journal is refused, never changed. */
const JOURNAL_VERSION = 1;

/** The first record of every journal file. */
export interface JournalHeader {
  readonly type: "header";
  readonly version: number;
  /** Another one each time the file is made anew: offsets into an earlier one mean nothing in a later one. */
  readonly generation: string;
  /** Bytes of the file when it was made: how much it has grown since tells when to make it anew. */
  readonly bytes: number;
}

/** Writes a record as a line: a checksum of the JSON that follows it. */
export function formatRecord(record: object): string {
  const json = JSON.stringify(record);
  return `${checksumOf(json)} ${json}\n`;
}

/** Closes off a record that was not written whole, so that its checksum never fits: nobody was told that it is there. */
export const CLOSED_OFF = "~\n";

/** The lines of a journal file that is made anew. */
export function formatJournal(generation: string, records: Iterable<object>): string {
  let lines = "";
  for (const record of records) lines += formatRecord(record);
  const header = { type: "header", version: JOURNAL_VERSION, generation, bytes: Buffer.byteLength(lines) };
  return formatRecord(header) + lines;
}

export interface JournalRecords {
  readonly records: readonly JsonObject[];
  /** The offset after the last closed line. */
  readonly end: number;
  /** Closed lines whose checksum does not fit: they are passed over, and hide nothing but themselves. */
  readonly rejected: number;
}

/** Reads the records of a journal file from an offset on. A last line that is not closed is left for later. */
export function readRecords(file: OpenFile, from: number): JournalRecords {
  const records: JsonObject[] = [];
  let rejected = 0;
  let end = from;
  readLines(file, { start: from, end: file.status().size }, (line) => {
    if (!line.isClosed) return false;
    end = line.offset + (line.end - line.start) + 1;
    const record = parseRecord(textOfLine(line));
    if (record) records.push(record);
    else if (line.end > line.start) rejected++;
    return true;
  });
  return { records, end, rejected };
}

/** The header of a journal file; undefined when it cannot be read. @throws `unavailable` the journal is a newer one's. */
export function readHeader(file: OpenFile, path: string): JournalHeader | undefined {
  let first: JsonObject | null = null;
  readLines(file, { start: 0, end: file.status().size }, (line) => {
    first ??= parseRecord(textOfLine(line));
    return false;
  });
  const header = first as JournalHeader | null;
  if (header?.type !== "header") return undefined;
  if (header.version <= JOURNAL_VERSION) return header;
  throw unavailable(
    `${path} has version ${header.version}, this threadstore knows versions up to ${JOURNAL_VERSION}: use a newer threadstore`,
  );
}

function parseRecord(text: string | null): JsonObject | null {
  const json = text?.slice(CHECKSUM_LENGTH + 1);
  if (!text || !json || text.slice(0, CHECKSUM_LENGTH) !== checksumOf(json)) return null;
  return asJsonObject(JSON.parse(json));
}

const CHECKSUM_LENGTH = 8;

function checksumOf(json: string): string {
  return crc32(json).toString(16).padStart(CHECKSUM_LENGTH, "0");
}

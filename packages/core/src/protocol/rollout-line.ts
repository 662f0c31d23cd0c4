import { asJsonObject, countField, type JsonObject, textField } from "./json-value.js";
import type { RolloutItem } from "./rollout-item.js";

/** One line of a rollout taken apart. `json` is the line's own text without timestamp and ordinal. */
export interface RolloutLine {
  readonly timestamp: string | undefined;
  readonly ordinal: number | undefined;
  readonly json: string;
  readonly item: RolloutItem;
}

const CANONICAL_ENVELOPE = /^\{"timestamp":"([^"\\]*)",(?:"ordinal":(\d+),)?/;

/** A line that was parsed for what it says, without its own text. */
export type RolloutRecord = Omit<RolloutLine, "json">;

/** Reads the text of one line; null when it is not a JSON object with a `type`, which readers count as rejected. */
export function readRolloutLine(text: string): RolloutLine | null {
  const record = parseRecord(text);
  if (record === null) return null;
  // Items that are about to be appended have no envelope: their text and their object are taken as they are.
  if (record.timestamp === undefined && record.ordinal === undefined) {
    return { timestamp: undefined, ordinal: undefined, json: text.trim(), item: record as unknown as RolloutItem };
  }
  const { timestamp, ordinal } = envelopeOf(record);
  return { timestamp, ordinal, json: withoutEnvelope(text, record), item: itemOf(record) };
}

/** The same for readers that do not pass the text on, such as folds. The item keeps the members of the envelope. */
export function readRolloutRecord(text: string): RolloutRecord | null {
  const record = parseRecord(text);
  return record && { ...envelopeOf(record), item: record as unknown as RolloutItem };
}

function parseRecord(text: string): JsonObject | null {
  const record = parseObject(text);
  return record !== null && typeof record.type === "string" ? record : null;
}

function envelopeOf(record: JsonObject): Pick<RolloutLine, "timestamp" | "ordinal"> {
  return { timestamp: textField(record, "timestamp"), ordinal: countField(record, "ordinal") };
}

/** Writes one line, newline included, in the member order of Codex. */
export function formatRolloutLine(line: { timestamp: string; ordinal: number | undefined; json: string }): string {
  const ordinal = line.ordinal === undefined ? "" : `,"ordinal":${line.ordinal}`;
  return `{"timestamp":"${line.timestamp}"${ordinal},${line.json.slice(1)}\n`;
}

function parseObject(text: string): JsonObject | null {
  try {
    return asJsonObject(JSON.parse(text));
  } catch {
    return null;
  }
}

function itemOf(record: JsonObject): RolloutItem {
  const { timestamp: _timestamp, ordinal: _ordinal, ...item } = record;
  return item as unknown as RolloutItem;
}

function withoutEnvelope(text: string, record: JsonObject): string {
  const [envelope, timestamp, ordinal] = CANONICAL_ENVELOPE.exec(text) ?? [];
  // The envelope is all there is only when the record has nothing else of these names further on.
  const isAll =
    record.timestamp === timestamp && record.ordinal === (ordinal === undefined ? undefined : Number(ordinal));
  if (envelope !== undefined && isAll) return `{${text.slice(envelope.length).trimEnd()}`;
  const all = topLevelMembers(text);
  const members = all.filter((member) => member.key !== "timestamp" && member.key !== "ordinal");
  if (members.length === all.length) return text.trim();
  return `{${members.map((member) => text.slice(member.start, member.end).trim()).join(",")}}`;
}

interface Member {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

/** The members of a JSON object as ranges of its text. The text is valid JSON: only strings and nesting matter. */
function topLevelMembers(text: string): Member[] {
  const members: Member[] = [];
  let depth = 0;
  let start = -1;
  let key: string | undefined;
  const close = (end: number) => {
    if (start >= 0 && key !== undefined) members.push({ key, start, end });
    start = -1;
    key = undefined;
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = stringEnd(text, at);
      if (depth === 1 && key === undefined) {
        start = at;
        key = JSON.parse(text.slice(at, end)) as string;
      }
      at = end - 1;
    } else if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") {
      depth--;
      if (depth === 0) close(at);
    } else if (character === "," && depth === 1) close(at);
  }
  return members;
}

function stringEnd(text: string, openingQuote: number): number {
  let at = openingQuote + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

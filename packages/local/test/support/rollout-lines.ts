import fc from "fast-check";

/** What a line says, as Codex puts it down. */
export interface LineRecord {
  readonly timestamp: string;
  readonly ordinal?: number;
  readonly type: string;
  readonly payload: unknown;
}

/** Makes the bytes of a line of what it says, newline included. */
export type LineWriter = (record: LineRecord) => string | Buffer;

const escapeType = (text: string) =>
  text.replace(/"type":"(.)/g, (_, first: string) => `"type":"${unicodeEscape(first)}`);

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function reordered({ timestamp, ordinal, type, payload }: LineRecord): string {
  return JSON.stringify({ payload, type, ...(ordinal === undefined ? {} : { ordinal }), timestamp });
}

const canonical: LineWriter = (record) => `${JSON.stringify(record)}\n`;

/** Lines that say the same in another way. */
const ODD_WRITERS: readonly LineWriter[] = [
  (record) => `${JSON.stringify(record, null, 1).replaceAll("\n", " ")}\n`,
  (record) => `${reordered(record)}\n`,
  (record) => `${escapeType(JSON.stringify(record))}\n`,
  (record) => `  ${JSON.stringify(record)}\t\r\n`,
  (record) => `${JSON.stringify({ ...record, more: { payload: { type: "task_started" }, ordinal: -1 } })}\n`,
  (record) => `${JSON.stringify(record).replace('"type":', '"type":"token_count","type":')}\n`,
];

/** Lines that lack what others have. */
const INCOMPLETE_WRITERS: readonly LineWriter[] = [
  ({ ordinal: _ordinal, ...record }) => canonical(record),
  ({ timestamp: _timestamp, ...record }) => canonical(record as LineRecord),
  (record) => canonical({ ...record, timestamp: "yesterday" }),
  (record) => `${JSON.stringify({ ...record, ordinal: "7" })}\n`,
  (record) => `${JSON.stringify({ ...record, ordinal: 1.5, timestamp: 7 })}\n`,
];

/** Lines at ordinals that do not follow those before. */
const STRAY_WRITERS: readonly LineWriter[] = [-6, -3, -1, 1, 4, 2 ** 33, 2 ** 52].map((by) => {
  return ({ ordinal, ...record }) => {
    const numbered = ordinal === undefined ? {} : { ordinal: Math.max(0, ordinal + by) };
    return canonical({ timestamp: record.timestamp, ...numbered, type: record.type, payload: record.payload });
  };
});

/** Lines that are no records, from what they were to say. */
const DAMAGED_WRITERS: readonly LineWriter[] = [
  (record) => `${JSON.stringify(record).slice(0, -2)}\n`,
  (record) => `${JSON.stringify(record).slice(0, 60)}\n`,
  (record) => `${JSON.stringify(record).replace(":", "")}\n`,
  (record) => `${JSON.stringify(record)}}\n`,
  (record) => `\0${JSON.stringify(record)}\n`,
  (record) => Buffer.concat([Buffer.from(JSON.stringify(record).slice(0, -2)), Buffer.from([0xff, 0x22, 0x7d, 0x0a])]),
  (record) => Buffer.from(`${JSON.stringify(record)}\n`, "utf16le"),
  ({ type: _type, ...record }) => `${JSON.stringify(record)}\n`,
  (record) => `${JSON.stringify({ ...record, type: 7 })}\n`,
  (record) => `${JSON.stringify([record])}\n`,
];

/** What may stand between lines and says nothing. */
const BETWEEN: readonly Buffer[] = [
  "\n",
  " \t\r\n",
  "garbage\n",
  "\0\0\0\0\n",
  "{}\n",
  "null\n",
  '{"timestamp":"2026-11-20T00:00:00.000Z","ordinal":3,"type":"response_item","payload":{\n',
  '{"timestamp":"2026-11-20T00:00:00.000Z","ordinal":3,"type":"event_msg","payload":{"type":"task_started","turn_id":"tur\n',
  "\u2028\uFEFF\n",
].map((text) => Buffer.from(text));

export interface WriterOptions {
  /** Whether some lines lack their ordinal or their time. */
  readonly isIncomplete: boolean;
  /** Whether some lines have ordinals that do not follow those before. Default: false. */
  readonly isStray?: boolean;
}

/** How a line is written: nearly always as Codex does. */
export function lineWriters({ isIncomplete, isStray = false }: WriterOptions): fc.Arbitrary<LineWriter> {
  const between = fc.tuple(fc.constantFrom(...BETWEEN), fc.boolean()).map(
    ([bytes, isBefore]): LineWriter =>
      (record) => {
        const line = Buffer.from(canonical(record));
        return Buffer.concat(isBefore ? [bytes, line] : [line, bytes]);
      },
  );
  return fc.oneof(
    { weight: 30, arbitrary: fc.constant(canonical) },
    { weight: 3, arbitrary: fc.constantFrom(...ODD_WRITERS) },
    { weight: 2, arbitrary: fc.constantFrom(...DAMAGED_WRITERS) },
    { weight: 3, arbitrary: between },
    ...(isStray ? [{ weight: 3, arbitrary: fc.constantFrom(...STRAY_WRITERS) }] : []),
    ...(isIncomplete ? [{ weight: 2, arbitrary: fc.constantFrom(...INCOMPLETE_WRITERS) }] : []),
  );
}

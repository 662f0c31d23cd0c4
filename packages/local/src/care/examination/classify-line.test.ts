import fc from "fast-check";
import { expect, it } from "vitest";
import { damages, jsonTexts } from "../../../test/support/json-texts.js";
import { runs } from "../../../test/support/runs.js";
import { isBlank, readRecord } from "../../rollout/line-item.js";
import { classifyLine, type ExaminedRecord, type LineClass } from "./classify-line.js";

const timestamps = fc.constantFrom('"2026-11-20T10:00:00.000Z"', '"é\\u0041"', '""', "7", "null");
const ordinals = fc.constantFrom("0", "-0", "7", "-7", "1.5", "1e5", "9007199254740993", '"7"', "[7]");
const types = fc.constantFrom('"event_msg"', '"session_meta"', '""', "7", "{}");

const records = fc
  .tuple(timestamps, ordinals, types, jsonTexts({ isOdd: true }))
  .map(([timestamp, ordinal, type, value]) => {
    return `{"timestamp":${timestamp},"ordinal":${ordinal},"type":${type},"payload":${value}}`;
  });
const texts = fc.oneof(records, jsonTexts({ isOdd: true }), fc.constantFrom("", " \t\r", "garbage", "\uFEFF{}"));

it("a line is a record exactly when readers take it for one, and says the same", () => {
  fc.assert(
    fc.property(texts, fc.option(damages()), (text, damage) => {
      const bytes = damage ? damage(Buffer.from(text)) : Buffer.from(text);
      // As texts, 0 and -0 are the same.
      expect(JSON.stringify(withoutRescued(classifyLine(lineOf(bytes))))).toBe(JSON.stringify(asReadersDo(bytes)));
    }),
    runs(5_000),
  );
});

it.each([
  ["garbage", "garbage {", "garbage", undefined],
  ["bytes that are not UTF-8", Buffer.from([0x7b, 0xff]), "invalid_utf8", undefined],
  ["zeros", "\0\0\0", "nul", undefined],
  ["a record behind zeros", '\0\0{"type":"a"}', "nul", '{"type":"a"}'],
  ["a record with a zero in it", '{"type":\0"a"}', "nul", '{"type":"a"}'],
  ["a record behind a fragment", '{"tim{"timestamp":"t","type":"a"}', "glued", '{"timestamp":"t","type":"a"}'],
])("a line with %s", (_what, text, why, rescued) => {
  const found = classifyLine(lineOf(Buffer.from(text as string)));
  expect(found).toMatchObject({ type: "rejected", why });
  expect(found.type === "rejected" && found.rescued?.text.toString()).toBe(rescued);
});

/** A line that others stand around. */
function lineOf(bytes: Buffer) {
  const before = Buffer.from('{"a":1}\n');
  const buffer = Buffer.concat([before, bytes, Buffer.from('\n"}]}7')]);
  return { buffer, start: before.length, end: before.length + bytes.length, offset: 0, isClosed: true };
}

function withoutRescued(found: LineClass): ExaminedRecord | LineClass["type"] {
  return found.type === "record" ? found.record : found.type;
}

function asReadersDo(bytes: Buffer): ExaminedRecord | LineClass["type"] {
  if (isBlank(lineOf(bytes))) return "blank";
  const record = readRecord(lineOf(bytes));
  if (!record) return "rejected";
  const { timestamp, ordinal, item } = record;
  const payload = item.payload as unknown;
  const isObject = typeof payload === "object" && payload !== null && !Array.isArray(payload);
  const members = isObject ? (payload as ExaminedRecord["meta"]) : {};
  return { timestamp, ordinal, meta: item.type === "session_meta" ? members : null };
}

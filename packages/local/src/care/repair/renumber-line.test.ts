import { readRolloutLine } from "@threadstore/core";
import { expect, it } from "vitest";
import { renumberLine } from "./renumber-line.js";

it.each([
  ["as Codex writes it", '{"timestamp":"t","ordinal":7,"type":"a","payload":{"ordinal":7}}'],
  ["without an ordinal", '{"timestamp":"t","type":"a","payload":{"ordinal":7}}'],
  ["without a time", '{"ordinal":7,"type":"a"}'],
  ["in another order", '{"type":"a","ordinal":7,"timestamp":"t"}'],
  ["with escapes in its time", '{"timestamp":"\\u0074\\"","ordinal":7,"type":"a"}'],
  ["with a time that is not ASCII", '{"timestamp":"é","ordinal":7,"type":"a"}'],
  ["with another ordinal further on", '{"timestamp":"t","ordinal":7,"type":"a","ordinal":8}'],
  ["with something else as its ordinal further on", '{"timestamp":"t","ordinal":7,"type":"a","ordinal":"8"}'],
  ["with a long time", `{"timestamp":"${"t".repeat(200)}","ordinal":7,"type":"a"}`],
])("a record %s gets another ordinal and keeps its item", (_what, text) => {
  const before = readRolloutLine(text);
  const record = { timestamp: before?.timestamp, ordinal: before?.ordinal, meta: null };
  const timestamp = record.timestamp ?? "before";
  const line = Buffer.concat(renumberLine(Buffer.from(text), record, { timestamp, ordinal: 9 })).toString();
  expect(line.endsWith("\n")).toBe(true);
  expect(readRolloutLine(line)).toEqual({ timestamp, ordinal: 9, json: before?.json, item: before?.item });
});

import { formatRolloutLine, type StoredItem } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import { readItemLine } from "./item-line.js";

const TIMESTAMP = "2026-01-15T12:00:00.123Z";

/** What a caller sees of an item. */
function seen({ ordinal, timestamp, json, item }: StoredItem) {
  return { ordinal, timestamp, json, item };
}

describe("an item as a server sends it", () => {
  it.each([
    '{"type":"event_msg","payload":{"type":"user_message","message":"Hello"}}',
    '{ "payload" : {"b":1, "a":[1.0, 1e3, -0]} , "type":"response_item" }',
    '{"type":"of_tomorrow","payload":"\\u00fc \\ud83d \\n ü 😀","metadata":{"timestamp":"inner","ordinal":7}}',
  ])("is read with its time, its ordinal and its very text: %s", (json) => {
    const line = formatRolloutLine({ timestamp: TIMESTAMP, ordinal: 3, json });
    expect(seen(readItemLine(line.trimEnd()))).toStrictEqual({
      ordinal: 3,
      timestamp: TIMESTAMP,
      json,
      item: JSON.parse(json),
    });
  });

  it.each([0, Number.MAX_SAFE_INTEGER])("may have the ordinal %d", (ordinal) => {
    const json = '{"type":"event_msg","payload":{}}';
    expect(readItemLine(formatRolloutLine({ timestamp: TIMESTAMP, ordinal, json }))).toMatchObject({ ordinal, json });
  });

  it.each([
    "",
    "secret",
    "null",
    "[]",
    '{"type":"event_msg","payload":"secret"}',
    `{"timestamp":"${TIMESTAMP}","type":"event_msg","payload":"secret"}`,
    '{"ordinal":1,"type":"event_msg","payload":"secret"}',
    `{"timestamp":"${TIMESTAMP}","ordinal":-1,"type":"event_msg","payload":"secret"}`,
    `{"timestamp":"${TIMESTAMP}","ordinal":"1","type":"event_msg","payload":"secret"}`,
    `{"timestamp":"${TIMESTAMP}","ordinal":1,"payload":"secret"}`,
    `{"timestamp":"${TIMESTAMP}","ordinal":1,"type":"event_msg","payload":"secret"`,
  ])("is internal when it is none, and is not repeated: %s", (text) => {
    expect(() => readItemLine(text)).toThrow(
      expect.objectContaining({ code: "internal", message: "the server sent an item that cannot be read" }),
    );
  });
});

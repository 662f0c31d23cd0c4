import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatRolloutLine, readRolloutLine } from "./rollout-line.js";

fc.configureGlobal({ seed: 20_261_120, numRuns: 500 });

const TIME = "2026-11-20T10:51:48.248Z";
/** Numbers, escapes and keys that a round trip through JSON.parse would change or mistake for the envelope. */
const PAYLOAD =
  '{"type":"agent_message","float":1.0,"big":12345678901234567890,"text":"\\u00e9\\ud83d\\ude00\\/ {\\"ordinal\\":9}",' +
  '"timestamp":"inner","ordinal":7,"list":[{"timestamp":1},["]",{"ordinal":2}]], "spaced" : null}';
const TYPE = '"type":"event_msg"';
const BODY = `"payload":${PAYLOAD}`;

/** What stands in a line, and the text that is left of it. */
const LAYOUTS: readonly (readonly [layout: string, text: string, json: string])[] = [
  [
    "Codex's own order, paginated",
    `{"timestamp":"${TIME}","ordinal":3,${TYPE},${BODY},"metadata":{"history_sequence":1}}`,
    `{${TYPE},${BODY},"metadata":{"history_sequence":1}}`,
  ],
  ["ordinal before timestamp", `{"ordinal":3,"timestamp":"${TIME}",${TYPE},${BODY}}`, `{${TYPE},${BODY}}`],
  ["timestamp and ordinal last", `{${TYPE},${BODY},"timestamp":"${TIME}","ordinal":3}`, `{${TYPE},${BODY}}`],
  ["timestamp and ordinal in the middle", `{${TYPE},"ordinal":3,"timestamp":"${TIME}",${BODY}}`, `{${TYPE},${BODY}}`],
  ["timestamp first, ordinal last", `{"timestamp":"${TIME}",${TYPE},${BODY},"ordinal":3}`, `{${TYPE},${BODY}}`],
  ["ordinal first, timestamp last", `{"ordinal":3,${TYPE},${BODY},"timestamp":"${TIME}"}`, `{${TYPE},${BODY}}`],
  ["payload before type", `{"timestamp":"${TIME}","ordinal":3,${BODY},${TYPE}}`, `{${BODY},${TYPE}}`],
  [
    "keys spelled with escapes",
    `{"\\u0074imestamp":"${TIME}","ordin\\u0061l":3,"\\u0074ype":"event_msg",${BODY}}`,
    `{"\\u0074ype":"event_msg",${BODY}}`,
  ],
  [
    "white space around everything",
    ` \t{ "timestamp" : "${TIME}" , "ordinal" : 3 , "type" : "event_msg" , ${BODY} } \r`,
    `{"type" : "event_msg",${BODY}}`,
  ],
  [
    "an envelope that is given twice",
    `{"timestamp":"a","ordinal":1,"timestamp":"${TIME}","ordinal":3,${TYPE},${BODY}}`,
    `{${TYPE},${BODY}}`,
  ],
];

describe("readRolloutLine", () => {
  it.each(LAYOUTS)("keeps every byte but timestamp and ordinal: %s", (_layout, text, json) => {
    expect(readRolloutLine(text)).toStrictEqual({ timestamp: TIME, ordinal: 3, json, item: JSON.parse(json) });
  });

  it("a legacy line in Codex's order has no ordinal", () => {
    expect(readRolloutLine(`{"timestamp":"${TIME}",${TYPE},${BODY}}\r`)).toStrictEqual({
      timestamp: TIME,
      ordinal: undefined,
      json: `{${TYPE},${BODY}}`,
      item: { type: "event_msg", payload: JSON.parse(PAYLOAD) },
    });
  });

  it("a text without timestamp and ordinal is its own json", () => {
    const text = `{ "payload" : ${PAYLOAD} , "type":"x"}`;
    const item = JSON.parse(text);
    expect(readRolloutLine(text)).toStrictEqual({ timestamp: undefined, ordinal: undefined, json: text, item });
  });

  it.each(["-1", "1.5", '"3"', "null", "9007199254740993"])(
    "an ordinal of %s counts as none and is dropped",
    (ordinal) => {
      expect(readRolloutLine(`{"timestamp":"${TIME}","ordinal":${ordinal},${TYPE}}`)).toStrictEqual({
        timestamp: TIME,
        ordinal: undefined,
        json: `{${TYPE}}`,
        item: { type: "event_msg" },
      });
    },
  );

  it("a timestamp that is no text counts as none and is dropped", () => {
    expect(readRolloutLine(`{"timestamp":5,${TYPE}}`)).toStrictEqual({
      timestamp: undefined,
      ordinal: undefined,
      json: `{${TYPE}}`,
      item: { type: "event_msg" },
    });
  });

  it.each([
    "",
    "garbage",
    "null",
    '"text"',
    "17",
    "[]",
    '[{"type":"event_msg"}]',
    "{}",
    '{"payload":{}}',
    '{"type":null}',
    '{"type":["event_msg"]}',
    `{"timestamp":"${TIME}","type":"event_msg","payload":{`,
    `{"timestamp":"${TIME}","type":"event_msg"}{"timestamp":"${TIME}","type":"event_msg"}`,
    '\uFEFF{"type":"event_msg"}',
    '\0{"type":"event_msg"}',
  ])("is null for %j", (text) => {
    expect(readRolloutLine(text)).toBeNull();
  });

  it("gives back every object in any layout without its timestamp and ordinal", () => {
    fc.assert(
      fc.property(layouts(), (members) => {
        const text = `{${members.map(({ text }) => text).join(",")}}`;
        const kept = members.filter(({ key }) => !ENVELOPE.has(key));
        const line = readRolloutLine(text);
        expect(JSON.parse(line?.json ?? "null")).toStrictEqual(withoutEnvelope(JSON.parse(text)));
        expect(line?.item).toStrictEqual(withoutEnvelope(JSON.parse(text)));
        expect(kept.filter((member) => !line?.json.includes(member.text.trim()))).toStrictEqual([]);
        if (kept.length === members.length) expect(line?.json).toBe(text.trim());
      }),
    );
  });
});

describe("formatRolloutLine", () => {
  it("writes timestamp, ordinal and the item's own text", () => {
    const json = `{${TYPE},${BODY}}`;
    expect(formatRolloutLine({ timestamp: TIME, ordinal: 0, json })).toBe(
      `{"timestamp":"${TIME}","ordinal":0,${TYPE},${BODY}}\n`,
    );
  });

  it("writes no ordinal into a legacy line", () => {
    expect(formatRolloutLine({ timestamp: TIME, ordinal: undefined, json: `{${TYPE}}` })).toBe(
      `{"timestamp":"${TIME}",${TYPE}}\n`,
    );
  });

  it("what was written is read back", () => {
    const ordinals = fc.option(fc.nat(), { nil: undefined });
    fc.assert(
      fc.property(objects(), ordinals, (object, ordinal) => {
        const json = JSON.stringify(object);
        const line = readRolloutLine(formatRolloutLine({ timestamp: TIME, ordinal, json }));
        const item = withoutEnvelope(JSON.parse(json));
        expect(JSON.parse(line?.json ?? "null")).toStrictEqual(item);
        if (Object.keys(object).some((key) => ENVELOPE.has(key))) return;
        expect(line).toStrictEqual({ timestamp: TIME, ordinal, json, item });
      }),
    );
  });
});

const ENVELOPE: ReadonlySet<string> = new Set(["timestamp", "ordinal"]);

function withoutEnvelope(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !ENVELOPE.has(key)));
}

function keys(): fc.Arbitrary<string> {
  return fc.oneof(fc.constantFrom("timestamp", "ordinal", "payload", "metadata", "type "), fc.string());
}

/** Objects with a type and any other members, among them often the names of the envelope. */
function objects(): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .tuple(fc.string(), fc.dictionary(keys(), fc.jsonValue()))
    .chain(([type, members]) =>
      fc.shuffledSubarray(Object.entries({ ...members, type }), {
        minLength: Object.keys({ ...members, type }).length,
      }),
    )
    .map((entries) => Object.fromEntries(entries));
}

interface Member {
  readonly key: string;
  readonly text: string;
}

/** The members of an object in any order, with white space anywhere and keys spelled in any way. */
function layouts(): fc.Arbitrary<readonly Member[]> {
  const space = fc.constantFrom("", "", " ", "\t", "\r", " \n ");
  const member = (key: string, value: unknown) =>
    fc.tuple(space, space, space, space, fc.boolean()).map(([before, inside, behind, after, isEscaped]) => {
      const name = isEscaped && key !== "" ? `"${escapeFirst(key)}"` : JSON.stringify(key);
      return { key, text: `${before}${name}${inside}:${behind}${JSON.stringify(value)}${after}` };
    });
  return objects().chain((object) => fc.tuple(...Object.entries(object).map(([key, value]) => member(key, value))));
}

function escapeFirst(key: string): string {
  const first = `\\u${key.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return first + JSON.stringify(key.slice(1)).slice(1, -1);
}

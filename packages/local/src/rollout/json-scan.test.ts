import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { damages, jsonTexts } from "../../test/support/json-texts.js";
import { runs } from "../../test/support/runs.js";
import { compileWanted, scanNestedRest, scanObject, type WantedMembers } from "./json-scan.js";

const MEMBERS: WantedMembers = {
  type: "value",
  id: "value",
  text: "emptiness",
  item: { type: "value", id: "value", text: "emptiness", item: { id: "value" } },
};
const WANTED = compileWanted(MEMBERS);

type Fields = Readonly<Record<string, unknown>>;

describe("a scan of a line", () => {
  it("finds exactly the objects that JSON.parse finds, and their members as it does", () => {
    fc.assert(
      fc.property(jsonTexts({ isOdd: false }), (text) => {
        expect(scanOf(Buffer.from(text))).toStrictEqual(wantedOf(Buffer.from(text)));
      }),
      runs(3_000),
    );
  });

  it("of keys with escapes and of deep values gives the same, or leaves the line to the parser", () => {
    fc.assert(
      fc.property(jsonTexts({ isOdd: true }), (text) => {
        const found = scanOf(Buffer.from(text));
        if (found !== null) expect(found).toStrictEqual(wantedOf(Buffer.from(text)));
      }),
      runs(1_500),
    );
  });

  it("of damaged bytes finds nothing that JSON.parse does not find", () => {
    fc.assert(
      fc.property(jsonTexts({ isOdd: true }), damages(), (text, damage) => {
        const bytes = damage(Buffer.from(text));
        const found = scanOf(bytes);
        if (found !== null) expect(found).toStrictEqual(wantedOf(bytes));
      }),
      runs(6_000),
    );
  });

  it("of damaged bytes with plain keys finds all that JSON.parse finds", () => {
    fc.assert(
      fc.property(jsonTexts({ isOdd: false }), damages(), (text, damage) => {
        const bytes = damage(Buffer.from(text));
        const expected = wantedOf(bytes);
        // Damage may make a key that is left to the parser.
        if (expected !== null && !hasOddKey(bytes)) expect(scanOf(bytes)).toStrictEqual(expected);
      }),
      runs(6_000),
    );
  });

  it.each([1, 99, 100, 101])("of values %i deep accepts at most a hundred levels", (depth) => {
    const text = `{"id":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}${depth === 1 ? "1" : ""}}`;
    expect(scanOf(Buffer.from(text)) !== null).toBe(depth <= 100);
  });

  it("takes no byte behind the line for a part of it", () => {
    for (const text of [
      '{"id":"a',
      '{"id":1',
      '{"id":-',
      '{"id":1.',
      '{"id":1e',
      '{"id":tru',
      '{"id":[1',
      '{"id":"\\u00',
      "{",
    ]) {
      expect(scanOf(Buffer.from(text))).toBe(null);
    }
  });
});

describe("a scan from within a nested object", () => {
  it("gives the members that follow, as a scan of the whole line does", () => {
    fc.assert(
      fc.property(jsonTexts({ isOdd: false }), damages(), fc.boolean(), (text, damage, isDamaged) => {
        const inner = Buffer.from(text);
        const rest = isDamaged ? damage(inner) : inner;
        const head = Buffer.from('{"timestamp":"é","payload":{"name":"n"');
        const bytes = Buffer.concat([head, Buffer.from(","), withoutBrace(rest), Buffer.from("}")]);
        const found = scanNestedRest(lineOf(bytes), PREFIX.length + head.length, WANTED);
        const outer = parsed(bytes);
        const payload = outer && Object.keys(outer).join() === "timestamp,payload" ? (outer.payload as Fields) : null;
        if (found !== null) expect(found).toStrictEqual(payload && restrict(payload, MEMBERS));
        else if (payload !== null && !isDamaged) expect(withoutBrace(rest).toString().trim()).toBe("}");
      }),
      runs(4_000),
    );
  });

  it("finds none when another member of the outer object follows", () => {
    const text = '{"payload":{"type":"a","id":"i"},"payload":{"type":"b"}}';
    expect(scanNestedRest(lineOf(Buffer.from(text)), PREFIX.length + '{"payload":{"type":"a"'.length, WANTED)).toBe(
      null,
    );
  });
});

/** What lies around a line in a buffer: the bytes behind it would go on with anything. */
const PREFIX = Buffer.from('{"id":"before"}\n');
const SUFFIX = Buffer.from('\n"},0123456789abcdef]]]}}}e5');

function lineOf(bytes: Buffer) {
  const buffer = Buffer.concat([PREFIX, bytes, SUFFIX]);
  return { buffer, start: PREFIX.length, end: PREFIX.length + bytes.length };
}

function scanOf(bytes: Buffer): Fields | null {
  return scanObject(lineOf(bytes), WANTED);
}

/** What follows the first brace. */
function withoutBrace(bytes: Buffer): Buffer {
  return bytes.subarray(bytes.indexOf("{") + 1);
}

function parsed(bytes: Buffer): Fields | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}

function wantedOf(bytes: Buffer): Fields | null {
  const fields = parsed(bytes);
  return fields && restrict(fields, MEMBERS);
}

function restrict(fields: Fields, members: WantedMembers): Fields {
  const found: Record<string, unknown> = {};
  for (const [key, want] of Object.entries(members)) {
    const value = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (value === undefined) continue;
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    if (typeof want === "object") found[key] = isObject ? restrict(value as Fields, want) : value;
    else if (want === "emptiness" && typeof value === "string") found[key] = value === "" ? "" : "…";
    else found[key] = value;
  }
  return found;
}

/** Whether some text may be a key that is not written plainly. */
function hasOddKey(bytes: Buffer): boolean {
  return /"[^"]*(?:\\|[^\x20-\x7e])[^"]*"\s*:/.test(bytes.toString("utf8"));
}

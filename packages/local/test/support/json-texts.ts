import fc from "fast-check";

/** What one scan of a line is to find out about a text. */
export interface JsonTextOptions {
  /** Whether keys may be written with escapes, or beyond ASCII, and values lie deeper than a scan goes. */
  readonly isOdd: boolean;
}

/** Texts of JSON values in every way in which they can be written on one line. Of a key told twice the last one counts. */
export function jsonTexts({ isOdd }: JsonTextOptions): fc.Arbitrary<string> {
  const { value } = fc.letrec<{ value: string; object: string; array: string }>((tie) => ({
    value: fc.oneof({ maxDepth: 5 }, scalars(), scalars(), tie("object"), tie("object"), tie("array")),
    object: members(tie("value"), isOdd).map(([space, all]) => `{${space}${all.join(",")}}`),
    array: fc
      .tuple(space(), fc.array(padded(tie("value")), { maxLength: 3 }))
      .map(([s, all]) => `[${s}${all.join(",")}]`),
  }));
  const object = members(value, isOdd).map(([space, all]) => `{${space}${all.join(",")}}`);
  const deep = fc.integer({ min: 95, max: 105 }).map((depth) => `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`);
  const all = isOdd
    ? fc.oneof({ weight: 8, arbitrary: object }, deep, value)
    : fc.oneof({ weight: 8, arbitrary: object }, value);
  return padded(all);
}

function members(value: fc.Arbitrary<string>, isOdd: boolean): fc.Arbitrary<[string, string[]]> {
  const keys = fc.constantFrom("type", "id", "phase", "text", "item", "b", "", "types", "__proto__", "toString");
  const oddKeys = fc.constantFrom("\\u0069d", "it\\u0065m", "\\n", "é", "ty\\u0070e");
  const key = isOdd ? fc.oneof({ weight: 6, arbitrary: keys }, oddKeys) : keys;
  const member = fc.tuple(padded(key.map((text) => `"${text}"`)), padded(value)).map(([name, of]) => `${name}:${of}`);
  return fc.tuple(space(), fc.array(member, { maxLength: 6 }));
}

function padded(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(space(), text, space()).map((parts) => parts.join(""));
}

function space(): fc.Arbitrary<string> {
  return fc.constantFrom("", "", "", "", " ", "\t", "\r ", "  ");
}

function scalars(): fc.Arbitrary<string> {
  const pieces = [
    "",
    "a",
    "id",
    "final_answer",
    '\\"',
    "\\\\",
    "\\/",
    "\\n\\t\\b\\f\\r",
    "\\u0041",
    "\\u00e9",
    "é",
    "\u007f",
  ];
  const surrogates = ["😀", "\\ud83d\\ude00", "\\ud83d", "\\udE00", "\u2028", "\uFEFF", "{", "]", ",", ":"];
  const text = fc.array(fc.constantFrom(...pieces, ...surrogates), { maxLength: 4 }).map((all) => `"${all.join("")}"`);
  const numbers = [
    "0",
    "-0",
    "7",
    "-7",
    "1e5",
    "-1.5E+10",
    "2e-3",
    "0.1",
    "123456789012345",
    "1234567890123456",
    "1E400",
  ];
  const big = ["12345678901234567890123", "9007199254740993", "-123456789012345678", "0.30000000000000004", "-0.0"];
  return fc.oneof(text, text, fc.constantFrom(...numbers, ...big), fc.constantFrom("true", "false", "null"));
}

/** Changes some bytes of a line; what it gets never ends a line. */
export function damages(): fc.Arbitrary<(bytes: Buffer) => Buffer> {
  const telling = [...Buffer.from('{}[]",:\\u0e+-.tnf \t\r\0')];
  const byte = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...telling) }, fc.integer({ min: 0, max: 255 }));
  const damage = fc.record({
    at: fc.nat(),
    byte: byte.map((one) => (one === 0x0a ? 0x20 : one)),
    kind: fc.constantFrom("put", "insert", "remove", "cut", "repeat"),
  });
  return fc.array(damage, { minLength: 1, maxLength: 3 }).map((all) => (bytes) => {
    let damaged = bytes;
    for (const { at: anywhere, byte: one, kind } of all) {
      const at = anywhere % (damaged.length + 1);
      const [before, after] = [damaged.subarray(0, at), damaged.subarray(at)];
      const put = Buffer.from([one]);
      if (kind === "put") damaged = Buffer.concat([before, put, after.subarray(1)]);
      else if (kind === "insert") damaged = Buffer.concat([before, put, after]);
      else if (kind === "remove") damaged = Buffer.concat([before, after.subarray(1)]);
      else if (kind === "cut") damaged = Buffer.from(before);
      else damaged = Buffer.concat([before, after.subarray(0, 4), after]);
    }
    return damaged;
  });
}

import { METADATA_EVENTS, METADATA_KINDS } from "@threadstore/core/driver";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { peekLine } from "./line-peek.js";

fc.configureGlobal({ seed: 20_261_120, numRuns: 1_000 });

const TIME = '"timestamp":"2026-11-20T10:51:48.248Z"';

describe("peekLine", () => {
  it.each([
    [`{${TIME},"type":"session_meta","payload":{"id":"x"}}`, "session_meta"],
    [`{${TIME},"ordinal":12,"type":"turn_context","payload":{}}`, "turn_context"],
    [`{${TIME},"ordinal":12,"type":"event_msg","payload":{"type":"user_message","message":"hello"}}`, "user_message"],
    [`{${TIME},"type":"event_msg","payload":{"type":"token_count"}}`, "token_count"],
    [`{${TIME},"type":"event_msg","payload":{"type":"agent_message"}}`, "other"],
    [`{${TIME},"type":"response_item","payload":{"type":"user_message"}}`, "other"],
    [`{${TIME},"type":"session_metadata","payload":{}}`, "other"],
    [`{${TIME},"type":"","payload":{}}`, "other"],
  ])("tells what Codex wrote from its first bytes: %s", (line, kind) => {
    expect(peek(line)).toBe(kind);
  });

  it.each([
    "",
    "garbage",
    "{}",
    `{"type":"session_meta",${TIME},"payload":{}}`,
    `{"ordinal":1,${TIME},"type":"session_meta","payload":{}}`,
    `{ ${TIME},"type":"session_meta","payload":{}}`,
    `{${TIME};"type":"session_meta","payload":{}}`,
    `{${TIME}, "type":"session_meta","payload":{}}`,
    `{${TIME},"type":"session_meta", "payload":{}}`,
    `{${TIME},"type":"session_meta","payload":null}`,
    `{${TIME},"type":"session_meta","metadata":{},"payload":{}}`,
    `{${TIME},"type":"event_msg","payload":{"turn_id":"t","type":"task_started"}}`,
    `{${TIME},"type":"event_msg","payload":{ "type":"task_started"}}`,
    `{${TIME},"type":"event_msg","payload":{}}`,
    `{${TIME},"type":"event\\u005fmsg","payload":{"type":"task_started"}}`,
    `{${TIME},"type":"event_msg","payload":{"type":"task\\u005fstarted"}}`,
    `{"timestamp":"2026-11-20T10:51:48\\u002e248Z","type":"turn_context","payload":{}}`,
    `{"timestamp":17,"type":"session_meta","payload":{}}`,
    `{${TIME},"ordinal":1.5,"type":"session_meta","payload":{}}`,
    `{${TIME},"ordinal":-1,"type":"session_meta","payload":{}}`,
    `{${TIME},"ordinal":null,"type":"session_meta","payload":{}}`,
    `{${TIME},"type":"${"x".repeat(64)}","payload":{}}`,
    `{"timestamp":"${"x".repeat(64)}","type":"session_meta","payload":{}}`,
    `\uFEFF{${TIME},"type":"session_meta","payload":{}}`,
  ])("does not guess: %s is unknown", (line) => {
    expect(peek(line)).toBe("unknown");
  });

  it("a line that is torn before its name is unknown", () => {
    const line = `{${TIME},"ordinal":1,"type":"event_msg","payload":{"type":"user_message"`;
    const torn = Array.from(line, (_, end) => peek(line.slice(0, end)));
    expect(new Set(torn)).toStrictEqual(new Set(["unknown"]));
  });

  it("looks at its own line only, wherever that lies in a buffer", () => {
    const line = `{${TIME},"type":"event_msg","payload":{"type":"user_message"}}`;
    const around = Buffer.from(`${line}\n${line}\n${line}`);
    const start = line.length + 1;
    expect(peekLine({ buffer: around, start, end: start + line.length })).toBe("user_message");
    expect(peekLine({ buffer: around, start, end: start + line.indexOf('sage"') })).toBe("unknown");
    expect(peekLine({ buffer: around, start: start + 1, end: start + line.length })).toBe("unknown");
    expect(peekLine({ buffer: around, start: 0, end: 0 })).toBe("unknown");
  });

  it("every line that it tells apart is what JSON.parse says it is", () => {
    fc.assert(
      fc.property(lines(), (line) => {
        const kind = peek(line);
        if (kind !== "unknown") expect([kind, told(line) ?? kind]).toStrictEqual([kind, kind]);
      }),
    );
  });

  it("is unknown only for lines that Codex does not write", () => {
    fc.assert(
      fc.property(canonicalLines(), (line) => {
        expect(peek(line)).toBe(told(line));
      }),
    );
  });
});

function peek(line: string): string {
  const bytes = Buffer.from(line);
  return peekLine({ buffer: bytes, start: 0, end: bytes.length });
}

/** The kind of a line as its JSON says it, or undefined when it is no JSON. */
function told(line: string): string | undefined {
  let record: { readonly type?: unknown; readonly payload?: { readonly type?: unknown } | null };
  try {
    record = JSON.parse(line);
  } catch {
    return undefined;
  }
  const type = String(record?.type);
  if (type !== "event_msg") return METADATA_KINDS.has(type) ? type : "other";
  const event = String(record.payload?.type);
  return METADATA_EVENTS.has(event) ? event : "other";
}

/** Names that mean something, names near to those, and any others. */
function names(): fc.Arbitrary<string> {
  const known = fc.constantFrom(...METADATA_KINDS, ...METADATA_EVENTS);
  const near = known.chain((name) => fc.constantFrom(`${name}s`, name.slice(1), name.toUpperCase(), ` ${name}`));
  return fc.oneof(known, near, fc.constantFrom("response_item", "compacted", "agent_message", ""), fc.string());
}

function payloads(): fc.Arbitrary<unknown> {
  const fields = fc.dictionary(
    fc.constantFrom("payload", "turn_id", "item", "timestamp"),
    fc.oneof(names(), fc.jsonValue()),
  );
  const event = fc.tuple(names(), fields).map(([type, rest]) => ({ type, ...rest }));
  const typeLater = fc.tuple(names(), fields).map(([type, rest]) => ({ ...rest, type }));
  const nested = event.map((inner) => ({ type: inner, payload: inner }));
  return fc.oneof(event, event, typeLater, nested, fields, fc.jsonValue());
}

/** Lines in the order of Codex, with the name of an event first in its payload. */
function canonicalLines(): fc.Arbitrary<string> {
  const plainNames = names().filter((name) => /^[\w ]{0,60}$/.test(name));
  // Keys of digits would be written before the others.
  const fields = fc.dictionary(
    fc.string().map((key) => `a_${key}`),
    fc.jsonValue(),
    { maxKeys: 4 },
  );
  const ordinals = fc.option(fc.nat(), { nil: undefined });
  return fc.tuple(plainNames, plainNames, fields, ordinals).map(([type, event, rest, ordinal]) => {
    const payload = type === "event_msg" ? { type: event, ...rest } : rest;
    return JSON.stringify({ timestamp: "2026-11-20T10:51:48.248Z", ordinal, type, payload });
  });
}

/** Lines of any order and layout, some with escapes, some damaged, torn, or glued to another one. */
function lines(): fc.Arbitrary<string> {
  const members = fc
    .tuple(names(), payloads(), fc.oneof(fc.nat(), fc.jsonValue()), fc.oneof(fc.string(), fc.jsonValue()))
    .map(([type, payload, ordinal, timestamp]) => ({ timestamp, ordinal, type, payload }));
  const shuffled = members.chain((record) => fc.shuffledSubarray(Object.entries(record), { minLength: 1 }));
  const inOrder = members.chain((record) => fc.subarray(Object.entries(record), { minLength: 2 }));
  const layouts = fc.constantFrom<readonly [string, string]>([",", ":"], [",", ":"], [", ", ":"], [",", " : "]);
  const whole = fc
    .tuple(fc.oneof(inOrder, inOrder, shuffled), layouts, fc.boolean())
    .map(([entries, [comma, colon], withEscapes]) => {
      const parts = entries.map(([key, value]) => `${JSON.stringify(key)}${colon}${JSON.stringify(value)}`);
      const text = `{${parts.join(comma)}}`;
      return withEscapes ? text.replaceAll("_", "\\u005f") : text;
    });
  const any = fc.oneof(whole, canonicalLines());
  const torn = fc.tuple(any, fc.nat(200)).map(([line, end]) => line.slice(0, end));
  const glued = fc.tuple(torn, any).map(([line, next]) => line + next);
  const damaged = fc.tuple(any, fc.nat(120), fc.string({ maxLength: 2 })).map(([line, at, text]) => {
    return line.slice(0, at) + text + line.slice(at + 1);
  });
  return fc.oneof({ weight: 4, arbitrary: any }, torn, glued, damaged);
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AppendedItem } from "../protocol/rollout-item.js";
import { DEFAULT_LIMITS, type StoreLimits } from "../store/limits.js";
import { prepareItems } from "./prepare-items.js";

fc.configureGlobal({ seed: 20_261_120, numRuns: 300 });

const KEPT = '{"type":"event_msg","payload":{"type":"token_count","big":12345678901234567890,"float":1.0}}';

describe("items as text", () => {
  it("are stored byte for byte", () => {
    expect(prepare([{ json: KEPT }])).toStrictEqual({ items: [{ json: KEPT }], dropped: 0 });
  });

  it("lose the timestamp and ordinal that stand in them, wherever that is", () => {
    const [type, payload] = ['"type":"x"', '"payload":{"timestamp":"inner","ordinal":1}'];
    const texts = [
      `{"timestamp":"t","ordinal":9,${type},${payload}}`,
      `{${type},"ordinal":9,${payload},"timestamp":"t"}`,
      `{"timestamp":"t",${type},${payload},"ordinal":9}`,
    ];
    for (const json of texts) {
      expect(prepare([{ json }])).toStrictEqual({ items: [{ json: `{${type},${payload}}` }], dropped: 0 });
    }
  });

  it("become one line: breaks between tokens are only layout", () => {
    const json = '{\r\n  "type": "x",\n  "payload": {\n    "text": "a\\nb"\n  }\n}\n';
    const [item] = prepare([{ json }]).items;
    expect(item?.json).not.toMatch(/[\r\n]/);
    expect(JSON.parse(item?.json ?? "null")).toStrictEqual({ type: "x", payload: { text: "a\nb" } });
  });

  it("with a raw line break inside a string are no JSON, and are refused", () => {
    expect(() => prepare([{ json: '{"type":"x","payload":"a\nb"}' }])).toThrow(invalid(0));
  });

  it("with half a character hold its escape, which says the same", () => {
    const json = `{"type":"x","payload":"\uD83D and \uDE00, but \u{1F600}"}`;
    expect(prepare([{ json }]).items).toStrictEqual([
      { json: '{"type":"x","payload":"\\ud83d and \\ude00, but \u{1F600}"}' },
    ]);
  });

  it.each(["", "garbage", "[]", "null", "{}", '{"type":1}', '{"payload":{}}', '{"type":"x"'])("refuses %j", (json) => {
    expect(() => prepare([{ json: KEPT }, { json }])).toThrow(invalid(1));
  });
});

describe("items as objects", () => {
  it("are serialised once", () => {
    const item = { type: "x", payload: { b: 1, a: "é\uD83D" }, metadata: { m: null } };
    expect(prepare([item]).items).toStrictEqual([{ json: JSON.stringify(item) }]);
  });

  it("lose their timestamp and ordinal", () => {
    expect(prepare([{ timestamp: "t", ordinal: 3, type: "x", payload: 1 }]).items).toStrictEqual([
      { json: '{"type":"x","payload":1}' },
    ]);
  });

  it("with a type and a member json are items, not texts", () => {
    expect(prepare([{ type: "x", payload: 1, json: KEPT }]).items).toStrictEqual([
      { json: JSON.stringify({ type: "x", payload: 1, json: KEPT }) },
    ]);
  });

  it.each([null, undefined, 5, "text", [], {}, { payload: {} }, { json: 5 }, { type: 5 }, () => {}])(
    "refuses %s",
    (item) => {
      expect(() => prepare([item as never])).toThrow(invalid(0));
    },
  );

  it("that cannot be serialised are the caller's mistake", () => {
    const circle: Record<string, unknown> = { type: "x" };
    circle.payload = circle;
    const unwritable = expect.objectContaining({
      code: "invalid_request",
      message: "items[0] cannot be written as JSON",
    });
    for (const item of [circle, { type: "x", payload: 5n }]) expect(() => prepare([item as never])).toThrow(unwritable);
  });
});

describe("the policy", () => {
  it("drops what is not durable and counts it", () => {
    const started = { type: "event_msg", payload: { type: "item_started" } };
    expect(prepare([started, { json: KEPT }, started])).toStrictEqual({ items: [{ json: KEPT }], dropped: 2 });
    expect(prepare([])).toStrictEqual({ items: [], dropped: 0 });
  });

  it("is the one of the thread", () => {
    const message = { type: "event_msg", payload: { type: "user_message", message: "hello" } };
    expect(prepareItems([message], "legacy", DEFAULT_LIMITS).items).toHaveLength(1);
    expect(prepareItems([message], "paginated", DEFAULT_LIMITS).items).toHaveLength(0);
  });

  it("stores what it shortened", () => {
    const payload = {
      type: "exec_command_end",
      aggregated_output: "out",
      stdout: "out",
      stderr: "",
      formatted_output: "out",
    };
    const json = JSON.stringify({ type: "event_msg", payload });
    expect(prepareItems([{ json }], "extended", DEFAULT_LIMITS).items).toStrictEqual([
      { json: JSON.stringify({ type: "event_msg", payload: { ...payload, stdout: "", formatted_output: "" } }) },
    ]);
  });
});

describe("limits", () => {
  it("an append has at most appendMaxItems items, dropped ones included", () => {
    const limits = { appendMaxItems: 2 };
    expect(prepare([{ json: KEPT }, { json: KEPT }], limits).items).toHaveLength(2);
    const dropped = { type: "event_msg", payload: { type: "item_started" } };
    expect(() => prepare([dropped, dropped, dropped], limits)).toThrow(
      exhausted("an append takes at most 2 items, found 3"),
    );
  });

  it("an item has at most lineMaxBytes bytes of UTF-8", () => {
    const item = { type: "x", payload: "日".repeat(10) };
    const bytes = new TextEncoder().encode(JSON.stringify(item)).length;
    expect(prepare([item], { lineMaxBytes: bytes }).items).toHaveLength(1);
    expect(() => prepare([{ json: '{"type":"x"}' }, item], { lineMaxBytes: bytes - 1 })).toThrow(
      exhausted(`items[1] has ${bytes} bytes; an item has at most ${bytes - 1}`),
    );
  });
});

describe("whatever is appended", () => {
  it("is stored as one line of well-formed text that says the same", () => {
    const odd = fc.constantFrom("a", "é", "日", "😀", "\uD83D", "\uDE00", "\n", "\r", "\0", "\u2028", '"', "\\");
    const text = fc.string({ unit: odd, maxLength: 8 });
    const values = fc.oneof(text, fc.double(), fc.dictionary(text, fc.array(text, { maxLength: 3 }), { maxKeys: 3 }));
    const layouts = fc.constantFrom(0, 1, "\t", "\r\n ");
    fc.assert(
      fc.property(text, values, fc.boolean(), layouts, (type, payload, asText, layout) => {
        const item = { type, payload };
        const appended = asText ? { json: JSON.stringify(item, null, layout) } : item;
        const [stored] = prepare([appended]).items;
        expect(stored?.json).toBe(new TextDecoder().decode(new TextEncoder().encode(stored?.json)));
        expect(stored?.json).not.toMatch(/[\r\n]/);
        expect(JSON.parse(stored?.json ?? "null")).toStrictEqual(JSON.parse(JSON.stringify(item)));
      }),
    );
  });
});

function prepare(items: readonly AppendedItem[], limits: Partial<StoreLimits> = {}) {
  return prepareItems(items, "paginated", { ...DEFAULT_LIMITS, ...limits });
}

function invalid(index: number) {
  const message = `items[${index}] is not a JSON object with a "type"`;
  return expect.objectContaining({ code: "invalid_request", message });
}

function exhausted(message: string) {
  return expect.objectContaining({ code: "resource_exhausted", message });
}

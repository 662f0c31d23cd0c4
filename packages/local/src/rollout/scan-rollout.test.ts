import { type HistoryMode, instantFromMs, type StoredThread } from "@threadstore/core";
import { foldFacts, type MetadataFacts, summarizeThread } from "@threadstore/core/driver";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OpenFile } from "../file-system/file-system.js";
import { readItems } from "./read-items.js";
import { continueScan, type RolloutScan, scanRollout } from "./scan-rollout.js";

fc.configureGlobal({ seed: 20_261_120, numRuns: 300 });

const ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";
const OTHER_ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f709";

const META = aRecord("session_meta", { id: ID, cwd: "/project", history_mode: "paginated" });
const MESSAGE = event("user_message", { message: "hello" });
const OTHER = aRecord("response_item", { type: "message", role: "assistant" });

describe("a scan", () => {
  it("tells whose a rollout is, what it begins with and what it ended with", () => {
    const context = aRecord("turn_context", {
      cwd: "/context",
      model: "gpt",
      effort: "high",
      approval_policy: "never",
    });
    const text = textOf([META, event("task_started", {}), context, MESSAGE, event("token_count", { info: 5 }), OTHER]);
    expect(scan(text)).toStrictEqual({
      threadId: ID,
      hasMeta: true,
      historyMode: "paginated",
      facts: {
        meta: { historyMode: "paginated", source: "vscode", cwd: "/project" },
        firstItemAt: timeOf(0),
        lastTurnStartedAt: timeOf(1),
        contextCwd: "/context",
        model: { model: "gpt", reasoningEffort: "high" },
        approvalMode: "never",
        firstUserMessage: { text: "hello", ordinal: 3 },
        tokenUsage: 5,
        lastItemAt: timeOf(5),
      },
      hasItems: true,
      readTo: text.length,
      isPartial: false,
    });
  });

  it.each([300, 2_000])("finds the first message after record %i", (count) => {
    const text = textOf([META, ...Array<object>(count).fill(OTHER), MESSAGE, OTHER]);
    const ordinal = count + 1;
    expect(scan(text).facts.firstUserMessage).toStrictEqual({ text: "hello", ordinal });
    expect(
      scan(textOf([META, ...Array<object>(count).fill(OTHER), MESSAGE], "legacy")).facts.firstUserMessage,
    ).toStrictEqual({
      text: "hello",
      ordinal,
    });
  });

  it.each([20_000, 200_000, 2_000_000])("reads a session_meta of %i bytes", (bytes) => {
    const meta = aRecord("session_meta", { id: ID, base_instructions: { text: "x".repeat(bytes) }, cwd: "/far" });
    const { threadId, facts, isPartial } = scan(textOf([meta, MESSAGE]));
    expect([threadId, facts.meta?.cwd, facts.firstUserMessage?.text, isPartial]).toStrictEqual([
      ID,
      "/far",
      "hello",
      false,
    ]);
  });

  it("of a long rollout is partial: what is told first and last is right, what only the middle tells is missing", () => {
    const named = event("thread_name_updated", { thread_name: "in the middle" });
    const filler = Array<object>(2_000).fill(aRecord("response_item", { type: "message", text: "x".repeat(100) }));
    const last = [event("task_started", {}), aRecord("turn_context", { model: "last", sandbox_policy: 1 }), OTHER];
    const first = [META, aRecord("turn_context", { model: "first", cwd: "/context" }), MESSAGE];
    const text = textOf([...first, ...filler, named, ...filler, ...last]);
    const whole = foldOf(text, "paginated");
    const { recordedName, ...headAndTail } = whole;
    expect(recordedName).toBe("in the middle");
    expect(scan(text)).toMatchObject({ facts: headAndTail, isPartial: true, readTo: text.length, hasItems: true });
    expect(scan(text).facts.recordedName).toBeUndefined();
    expect(scan(text, { isComplete: true })).toMatchObject({ facts: whole, isPartial: false, readTo: text.length });
  });

  it("is the id of the session_meta, else of the name, else none", () => {
    const anonymous = aRecord("session_meta", { cwd: "/project" });
    const owner = (records: readonly object[], nameId?: string) => {
      const { threadId, hasMeta, hasItems } = scan(textOf(records), { nameId });
      return { threadId, hasMeta, hasItems };
    };
    expect(owner([META], OTHER_ID)).toStrictEqual({ threadId: ID, hasMeta: true, hasItems: true });
    expect(owner([META])).toStrictEqual({ threadId: ID, hasMeta: true, hasItems: true });
    expect(owner([anonymous, MESSAGE], ID)).toStrictEqual({ threadId: ID, hasMeta: true, hasItems: true });
    expect(owner([OTHER, MESSAGE], ID)).toStrictEqual({ threadId: ID, hasMeta: false, hasItems: true });
    expect(owner([anonymous, MESSAGE])).toStrictEqual({ threadId: null, hasMeta: true, hasItems: true });
    expect(owner([MESSAGE])).toStrictEqual({ threadId: null, hasMeta: false, hasItems: true });
  });

  it.each(["", "\n \r\n", "garbage\n", "\0".repeat(100), `{"timestamp":"${timeOf(0)}","type":"session_meta","payl`])(
    "of %j finds nothing",
    (text) => {
      const empty = { hasMeta: false, historyMode: "legacy", facts: {}, hasItems: false, isPartial: false };
      expect(scan(text, { nameId: ID })).toMatchObject({ threadId: ID, ...empty });
      expect(scan(text)).toMatchObject({ threadId: null, ...empty });
    },
  );

  it.each([
    ["a byte order mark", (text: string) => `\uFEFF${text}`],
    ["garbage before", (text: string) => `garbage\n\n[]\n${text}`],
    ["a torn line before", (text: string) => `{"timestamp":"2026\n${text}`],
    ["zeros behind, as a power cut leaves them", (text: string) => text + "\0".repeat(4_096)],
    ["closed zeros behind", (text: string) => `${text}${"\0".repeat(4_096)}\n`],
    ["a torn line behind", (text: string) => `${text}{"timestamp":"2027-01-01T00:00:00.000Z","type":"resp`],
    ["blank lines", (text: string) => `\n\n${text.replaceAll("\n", "\r\n\n")}\n`],
    ["bytes that are not UTF-8", (text: string) => Buffer.concat([Buffer.from(text), Buffer.from([0xff, 0x7b, 0x0a])])],
  ])("of a rollout with %s tells the same", (_damage, damaged) => {
    const text = textOf([META, MESSAGE, event("token_count", { info: 5 }), OTHER]);
    const { facts, threadId, hasMeta } = scan(text);
    expect(scan(damaged(text))).toMatchObject({ facts, threadId, hasMeta, isPartial: false });
  });

  it("is read up to the last line that was closed", () => {
    const text = textOf([META, MESSAGE]);
    expect([text, `${text}{"torn`, `${text}garbage\n`, text.slice(0, -1)].map((all) => scan(all).readTo)).toStrictEqual(
      [text.length, text.length, text.length + 8, text.indexOf("\n") + 1],
    );
  });

  it("tells where the inherited prefix lies, when that is said in full", () => {
    const baseOf = (history_base: unknown) => scan(textOf([aRecord("session_meta", { id: ID, history_base })])).base;
    expect(baseOf({ thread_id: OTHER_ID.toUpperCase(), end_ordinal_exclusive: 7, end_byte_offset: 99 })).toStrictEqual({
      rolloutId: OTHER_ID,
      endOrdinalExclusive: 7,
      endByteOffset: 99,
    });
    expect(baseOf({ thread_id: OTHER_ID, end_ordinal_exclusive: 0, end_byte_offset: null })).toStrictEqual({
      rolloutId: OTHER_ID,
      endOrdinalExclusive: 0,
    });
    const broken = [
      null,
      {},
      { thread_id: OTHER_ID },
      { thread_id: "x", end_ordinal_exclusive: 7 },
      { end_ordinal_exclusive: 7 },
    ];
    expect(broken.map(baseOf)).toStrictEqual(broken.map(() => undefined));
  });

  it("the first session_meta decides whose it is and how it is recorded; one of another thread tells nothing", () => {
    const copied = aRecord("session_meta", {
      id: OTHER_ID,
      cwd: "/elsewhere",
      history_mode: "legacy",
      memory_mode: "disabled",
    });
    const { threadId, historyMode, facts } = scan(textOf([META, copied, MESSAGE]));
    expect([threadId, historyMode, facts.meta?.cwd, facts.memoryMode]).toStrictEqual([
      ID,
      "paginated",
      "/project",
      undefined,
    ]);
    expect(scan(textOf([aRecord("session_meta", { id: ID, history_mode: "of the future" })])).historyMode).toBe(
      "legacy",
    );
  });

  it("of every line tells what a fold over all items tells", () => {
    const histories = fc.array(records(), { maxLength: 20 });
    fc.assert(
      fc.property(histories, fc.constantFrom<HistoryMode>("paginated", "legacy"), (history, mode) => {
        const meta = aRecord("session_meta", { id: ID, history_mode: mode });
        const text = textOf([meta, ...history], mode);
        expect(shown(scan(text, { isComplete: true }).facts)).toStrictEqual(shown(foldOf(text, mode)));
      }),
    );
  });

  it("a setting that later turns do not repeat stays what the earlier turn said", () => {
    const early = aRecord("turn_context", { approval_policy: "never", permission_profile: "managed" });
    const late = aRecord("turn_context", { model: "gpt", sandbox_policy: "read-only" });
    const text = textOf([META, MESSAGE, early, late]);
    expect(shown(scan(text, { isComplete: true }).facts)).toStrictEqual(shown(foldOf(text, "paginated")));
  });

  it("without a folder in the session_meta the folder is that of the first turn, not of the last", () => {
    const contexts = ["/first", "/last"].map((cwd) =>
      aRecord("turn_context", { cwd, model: "gpt", sandbox_policy: 1 }),
    );
    const text = textOf([aRecord("session_meta", { id: ID }), MESSAGE, ...contexts], "legacy");
    expect(shown(scan(text, { isComplete: true }).facts).cwd).toBe("/first");
  });

  it("a session_meta that comes last is the last item", () => {
    const text = textOf([MESSAGE, META]);
    expect(shown(scan(text, { nameId: ID }).facts)).toStrictEqual(shown(foldOf(text, "paginated")));
  });

  it("what stands before the session_meta counts, also when the name tells no thread", () => {
    const text = textOf([MESSAGE, META, event("user_message", { message: "second" })]);
    for (const nameId of [ID, undefined]) {
      expect(shown(scan(text, { nameId }).facts)).toStrictEqual(shown(foldOf(text, "paginated")));
    }
  });
});

describe("going on with a scan", () => {
  it("after its file grew ends where a scan anew ends", () => {
    const histories = fc.array(records(), { maxLength: 10 });
    fc.assert(
      fc.property(histories, histories, fc.nat(400), fc.boolean(), (history, growth, cut, isComplete) => {
        const before = textOf([META, ...history]);
        const after = textOf([META, ...history, ...growth]);
        const size = Math.max(before.length - cut, textOf([META]).length);
        const known = scan(after.slice(0, size), { nameId: ID, isComplete });
        expect(continueScan(fileOf(after), known)).toStrictEqual(scan(after, { nameId: ID, isComplete }));
      }),
    );
  });

  it("without growth changes nothing", () => {
    const text = textOf([META, MESSAGE, OTHER]);
    expect(continueScan(fileOf(text), scan(text))).toStrictEqual(scan(text));
  });

  it("finds the session_meta that was not there before", () => {
    const [before, after] = [textOf([OTHER]), textOf([OTHER, META])];
    const known = scan(before, { nameId: ID });
    expect(continueScan(fileOf(after), known)).toStrictEqual(scan(after, { nameId: ID }));
  });

  it("a thread that no user wrote in yet was last changed by its last item", () => {
    const [before, after] = [textOf([META]), textOf([META, OTHER])];
    expect(continueScan(fileOf(after), scan(before)).facts.lastItemAt).toBe(timeOf(1));
  });

  it("the first message of a legacy rollout has its place, whenever it was written", () => {
    const meta = aRecord("session_meta", { id: ID });
    const [before, after] = [textOf([meta], "legacy"), textOf([meta, OTHER, MESSAGE], "legacy")];
    expect(continueScan(fileOf(after), scan(before)).facts.firstUserMessage).toStrictEqual({
      text: "hello",
      ordinal: 2,
    });
  });

  it("a goal that was set before the first message is the preview, whenever both were written", () => {
    const meta = aRecord("session_meta", { id: ID });
    const goal = event("thread_goal_updated", { goal: { objective: "the goal" } });
    const [before, after] = [textOf([meta], "legacy"), textOf([meta, goal, MESSAGE], "legacy")];
    expect(shown(continueScan(fileOf(after), scan(before)).facts).preview).toBe("the goal");
  });

  it("a line that was torn when it was looked at counts once it is whole", () => {
    const text = textOf([META, MESSAGE, event("token_count", { info: 5 })]);
    for (const end of [text.length - 1, text.length - 5, text.length - 100]) {
      expect(continueScan(fileOf(text), scan(text.slice(0, end)))).toStrictEqual(scan(text));
    }
  });

  it("over more than a few megabytes leaves it partial, and right at its end", () => {
    const filler = textOf([aRecord("response_item", { text: "x".repeat(1_000_000) })]);
    const [before, end] = [textOf([META, MESSAGE]), textOf([event("token_count", { info: "last" })])];
    const { facts, isPartial } = continueScan(fileOf(before + filler.repeat(9) + end), scan(before));
    expect([facts.firstUserMessage?.text, facts.tokenUsage, isPartial]).toStrictEqual(["hello", "last", true]);
    expect(continueScan(fileOf(before + filler.repeat(7) + end), scan(before)).isPartial).toBe(false);
  });
});

function event(type: string, fields: object): object {
  return aRecord("event_msg", { type, ...fields });
}

function aRecord(type: string, payload: object): object {
  return { type, payload };
}

function timeOf(position: number): string {
  return instantFromMs(Date.UTC(2026, 10, 20) + position * 1_000);
}

/** Records as Codex writes them, one second apart. */
function textOf(all: readonly object[], mode: HistoryMode = "paginated"): string {
  const lines = all.map((fields, ordinal) => {
    const envelope = { timestamp: timeOf(ordinal), ...(mode === "paginated" ? { ordinal } : {}) };
    return `${JSON.stringify({ ...envelope, ...fields })}\n`;
  });
  return lines.join("");
}

function scan(
  content: string | Buffer,
  options: { nameId?: string | undefined; isComplete?: boolean } = {},
): RolloutScan {
  return scanRollout(fileOf(content), { nameId: undefined, isComplete: false, ...options });
}

function foldOf(text: string, mode: HistoryMode): MetadataFacts {
  const everything = { from: 0, end: Number.POSITIVE_INFINITY, batchBytes: text.length + 1 };
  return foldFacts(
    [...readItems(fileOf(text), mode, everything)].flatMap((batch) => batch.items),
    ID,
  );
}

/** What facts show of a thread. */
function shown(facts: MetadataFacts): StoredThread {
  return summarizeThread({ threadId: ID, facts });
}

/** Records that tell something, with the fields that Codex always writes. */
function records(): fc.Arbitrary<object> {
  const word = fc.constantFrom("a", "b", "c");
  const maybe = fc.constantFrom(undefined, null, "", "a", "b");
  const common = { approval_policy: word, sandbox_policy: word, permission_profile: word, model: word };
  const settings = fc.record({ ...common, cwd: word, effort: maybe, reasoning_effort: maybe });
  return fc.oneof(
    fc
      .record({ id: fc.constantFrom(ID, OTHER_ID), cwd: maybe, memory_mode: maybe })
      .map((meta) => aRecord("session_meta", meta)),
    settings.map((context) => aRecord("turn_context", context)),
    settings.map((thread_settings) => event("thread_settings_applied", { thread_settings })),
    maybe.map((message) => event("user_message", { message })),
    maybe.map((text) => event("item_completed", { item: { type: "UserMessage", content: [{ type: "text", text }] } })),
    maybe.map((info) => event("token_count", { info })),
    maybe.map((objective) => event("thread_goal_updated", { goal: { objective } })),
    maybe.map((thread_name) => event("thread_name_updated", { thread_name })),
    fc.constantFrom("task_started", "turn_started", "task_complete").map((name) => event(name, {})),
    fc.constant(OTHER),
  );
}

function fileOf(content: string | Buffer): OpenFile {
  const bytes = Buffer.from(content as Buffer);
  return {
    status: () => ({ kind: "file", size: bytes.length, mtimeMs: Date.UTC(2026, 10, 20), inode: 1 }),
    read: (buffer, position) => bytes.copy(buffer, 0, position, position + buffer.length),
    close: () => {},
  };
}

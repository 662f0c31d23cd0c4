import * as fs from "node:fs";
import { fileURLToPath } from "node:url";
import { type HistoryMode, parseInstant, type RolloutItem, type StoredTurn } from "@threadstore/core";
import { type FoldedItem, foldIntoTurns, MemoryTurnBook, newTurnFold, roleOf } from "@threadstore/core/driver";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { THREAD_ID, turnHistories } from "../../test/support/core-turn-histories.js";
import { damages } from "../../test/support/json-texts.js";
import { type LineRecord, lineWriters } from "../../test/support/rollout-lines.js";
import { runs } from "../../test/support/runs.js";
import { readRecord } from "../rollout/line-item.js";
import { readTurnRecord } from "./turn-record.js";

const MODES = ["paginated", "legacy"] as const;

describe("what the index of turns reads of a line", () => {
  it.each(MODES)("of a %s rollout is what the turns need of its record", (historyMode) => {
    const lines = turnHistories(historyMode, 30).chain((history) =>
      fc.tuple(...history.map((item) => lineWriters({ isIncomplete: true }).map((write) => write(recordOf(item))))),
    );
    fc.assert(
      fc.property(lines, (all) => {
        for (const bytes of all) for (const line of linesOf(Buffer.from(bytes as string))) checkLine(line, historyMode);
      }),
      runs(150),
    );
  });

  it.each(MODES)("of a %s rollout with damaged lines is what the turns need of its record", (historyMode) => {
    const lines = turnHistories(historyMode, 20).chain((history) =>
      fc.tuple(
        ...history.map((item) =>
          fc
            .tuple(lineWriters({ isIncomplete: true }), damages())
            .map(([write, damage]) => damage(Buffer.from(write(recordOf(item)) as string))),
        ),
      ),
    );
    fc.assert(
      fc.property(lines, (all) => {
        for (const bytes of all) for (const line of linesOf(bytes)) checkLine(line, historyMode);
      }),
      runs(150),
    );
  });

  it("of every line of the recorded homes is what the turns need of its record", () => {
    const lines = recordedLines();
    expect(lines.length).toBeGreaterThan(1_000);
    for (const line of lines) for (const historyMode of MODES) checkLine(line, historyMode);
  });

  it("of every line of the recorded homes with damage is what the turns need of its record", () => {
    const lines = recordedLines();
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: lines.length - 1 }),
        damages(),
        fc.constantFrom(...MODES),
        (at, damage, mode) => {
          for (const line of linesOf(damage(lines[at] as Buffer))) checkLine(line, mode);
        },
      ),
      runs(8_000),
    );
  });

  it.each([
    ["a later member of the same name", '{"type":"task_started","turn_id":"a","turn_id":"b"}', ""],
    ["a type that is told twice", '{"type":"task_started","turn_id":"a","type":"task_complete"}', ""],
    ["a type with escapes", '{"type":"task\\u005fstarted","turn_id":"a"}', ""],
    ["a key with escapes", '{"type":"task_started","turn\\u005fid":"a"}', ""],
    [
      "an item that is told twice",
      '{"type":"item_completed","turn_id":"turn-1","item":{"type":"Plan","id":"a"},"item":{"type":"Plan"}}',
      "",
    ],
    ["an item that is none", '{"type":"item_completed","turn_id":"turn-1","item":[{"type":"Plan","id":"a"}]}', ""],
    ["a payload that is told twice", '{"type":"task_started","turn_id":"a"}', ',"payload":{"type":"task_complete"}'],
    ["another kind that follows", '{"type":"task_started","turn_id":"a"}', ',"type":"response_item"'],
    ["another ordinal that follows", '{"type":"task_started","turn_id":"a"}', ',"ordinal":9'],
    ["an empty text with escapes", '{"type":"agent_message","message":"\\u0020"}', ""],
    ["a text that is none", '{"type":"agent_message","message":["a"]}', ""],
    ["an id that is a number", '{"type":"exec_command_end","call_id":7}', ""],
    ["an id that is empty", '{"type":"exec_command_end","call_id":""}', ""],
    [
      "a hook's prompt with escapes",
      '{"type":"message","role":"user","content":[{"type":"input_text","text":"<hook\\u005fprompt hook_run_id=\\"r\\">x</hook\\u005fprompt>"}]}',
      "",
    ],
  ])("sees %s as JSON.parse does", (_what, payload, more) => {
    for (const type of ["event_msg", "response_item"]) {
      const text = `{"timestamp":"2026-11-20T00:00:00.000Z","ordinal":7,"type":"${type}","payload":${payload}${more}}`;
      for (const historyMode of MODES) checkLine(Buffer.from(text), historyMode);
    }
  });

  it.each([
    ["payload", '{"type":"token_count"}', ',"payload":{"type":"task_started","turn_id":"a"}'],
    ["type of its payload", '{"type":"token_count","turn_id":"a","type":"task_started"}', ""],
  ])("is nothing when the first %s of a line that has two tells nothing", (_what, payload, more) => {
    // Nobody writes such lines; to know the last one, every line would have to be read to its end.
    const text = `{"timestamp":"2026-11-20T00:00:00.000Z","ordinal":7,"type":"event_msg","payload":${payload}${more}}`;
    expect(MODES.map((mode) => readTurnRecord(lineIn(Buffer.from(text)), mode))).toEqual(["beside", "beside"]);
  });
});

function recordOf({ ordinal, timestamp, item: { type, payload } }: FoldedItem): LineRecord {
  return { timestamp, ordinal, type, payload };
}

function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, at);
    const end = newline < 0 ? bytes.length : newline;
    lines.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return lines;
}

let recorded: readonly Buffer[] | undefined;

/** Every line that the real Codex wrote, and those that others damaged. */
function recordedLines(): readonly Buffer[] {
  recorded ??= readRecorded();
  return recorded;
}

function readRecorded(): readonly Buffer[] {
  const folder = fileURLToPath(new URL("../../../../fixtures/", import.meta.url));
  const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  const rollouts = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".jsonl"));
  return rollouts.flatMap(({ parentPath, name }) => linesOf(fs.readFileSync(`${parentPath}/${name}`)));
}

/** A line, in a buffer that goes on behind it. */
function lineIn(bytes: Buffer) {
  const buffer = Buffer.concat([Buffer.from("{}\n"), bytes, Buffer.from('\n"}}')]);
  return { buffer, start: 3, end: 3 + bytes.length, offset: 3, isClosed: true };
}

function checkLine(bytes: Buffer, historyMode: HistoryMode): void {
  const line = lineIn(bytes);
  const found = readTurnRecord(line, historyMode);
  const record = readRecord(line);
  const states = STATES[historyMode].map((before) => effectOf(before, null, historyMode));
  const expected = STATES[historyMode].map((before) => effectOf(before, record?.item ?? null, historyMode));
  const text = bytes.toString("latin1");
  if (found === "beside") expect([text, expected]).toStrictEqual([text, states]);
  else if (found === null || record === null) expect([text, found, record]).toStrictEqual([text, null, null]);
  else {
    const { timestamp, ordinal } = record;
    expect([text, found.timestamp, found.ordinal]).toStrictEqual([text, parseInstant(timestamp ?? ""), ordinal]);
    const effects = STATES[historyMode].map((before) => effectOf(before, found.item, historyMode));
    expect([text, effects]).toStrictEqual([text, expected]);
  }
}

/** What a line may be met by: nothing, an open turn, one that nobody started, reasoning that goes on. */
const STATES: Readonly<Record<HistoryMode, readonly (readonly RolloutItem[])[]>> = {
  paginated: [[], [eventOf({ type: "task_started", turn_id: "turn-1" })]],
  legacy: [
    [],
    [eventOf({ type: "task_started", turn_id: "turn-1" }), eventOf({ type: "agent_message", message: "a" })],
    [eventOf({ type: "agent_reasoning", text: "a" })],
    [{ type: "compacted", payload: {} }],
  ],
};

function eventOf(payload: Readonly<Record<string, unknown>>): RolloutItem {
  return { type: "event_msg", payload };
}

/** What the turns are after an item, as far as the index keeps them: not what items say. */
function effectOf(before: readonly RolloutItem[], item: RolloutItem | null, historyMode: HistoryMode): unknown {
  const state = newTurnFold(THREAD_ID, historyMode);
  const book = new MemoryTurnBook();
  for (const [ordinal, one] of [...before, ...(item ? [item] : [])].entries()) {
    foldIntoTurns(state, book, { item: one, ordinal, timestamp: "2026-11-20T00:00:00.000Z" });
  }
  return [state, [...book.turns()].map(outlineOf)];
}

function outlineOf({ items, ...header }: StoredTurn): unknown {
  const kept = items.map(({ itemId, ordinal, item }) => {
    return [itemId, ordinal, item.type === "Reasoning" ? "reasoning" : roleOf(item)];
  });
  return [header, kept];
}

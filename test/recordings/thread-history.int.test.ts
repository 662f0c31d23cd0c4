import { describe, expect, it } from "vitest";
import { readFixtureJson, readRecordings } from "../support/fixture-home.js";
import { openedHome } from "../support/opened-home.js";
import {
  answerCall,
  countExcuses,
  excuseOf,
  type HistoryCall,
  historyCalls,
  type Outcome,
  withoutCountedIds,
} from "./history-replay.js";

/** For each home and file: the calls that are compared whole, and those that have an excuse. */
const COUNTS = {
  home169: {
    "turns-list": { compared: 228, "ids after a rollback": 4 },
    "turns-paging": { compared: 98 },
    "items-list": { compared: 95, "legacy items": 8 },
    "items-paging": { compared: 78, "legacy items": 4 },
    "timeline-list": { compared: 78, "legacy items": 9 },
    "thread-search-occurrences": { compared: 13, "legacy items": 2 },
    "thread-read": { compared: 114, "ids after a rollback": 2 },
    errors: { compared: 47, "legacy items": 8, "malformed parameters": 28 },
  },
  home128: {
    "turns-list": { compared: 180, "ids after a rollback": 8 },
    "turns-paging": { compared: 88 },
    "items-list": { compared: 12, "legacy items": 68 },
    "items-paging": { "legacy items": 24 },
    "timeline-list": { compared: 2, "legacy items": 51 },
    "thread-search-occurrences": { compared: 1, "legacy items": 6 },
    "thread-read": { compared: 90, "ids after a rollback": 4 },
    errors: { compared: 24, "legacy items": 26, "malformed parameters": 28 },
  },
} as const;

/** Legacy threads in which turns were rolled back, by the labels of their homes. */
const ROLLED_BACK = { home169: ["legacy_rolledback"], home128: ["rolledback", "legacy_rolledback"] } as const;

// Every recorded call about the history of a thread, answered through codex-wire: pages, their cursors, and errors.
describe.each(["home169", "home128"] as const)("the history of threads of %s", (name) => {
  const ids = readFixtureJson<Record<string, string>>(`homes/${name}/ids.json`);
  const rolledBackIds = new Set<unknown>(ROLLED_BACK[name].map((label) => ids[label]));
  const home = openedHome(name);

  describe.each(Object.entries(COUNTS[name]))("in %s", (file, counts) => {
    const calls = historyCalls(readRecordings(`${name}-by-0.169.0`, file));

    it.each(calls.map((call) => [call.label, call.method, call] as const))("%s, %s", async (_label, _method, call) => {
      await expectAnswer(call);
    });

    it("is compared but for what is excused", () => {
      expect(countExcuses(calls.map((call) => excuseOf(call, rolledBackIds)))).toEqual(counts);
    });
  });

  async function expectAnswer(call: HistoryCall): Promise<void> {
    const excuse = excuseOf(call, rolledBackIds);
    if (excuse === "malformed parameters") return;
    const ours = await answerCall(home.store, call);
    if (excuse === null) expect(ours).toEqual(call.recorded);
    else if (excuse === "legacy items") await expectItems(call, ours);
    else expect(withoutCountedIds(ours)).toEqual(withoutCountedIds(call.recorded));
  }

  /** Stored threads have items whatever their mode, and bad cursors there are those of any thread. */
  async function expectItems({ params }: HistoryCall, ours: Outcome): Promise<void> {
    const { threadId, cursor } = params as { readonly threadId: string; readonly cursor?: string };
    const isStored = await home.store.readThread({ threadId, includeArchived: true }).then(
      () => true,
      () => false,
    );
    if (!isStored) expect(ours).toEqual({ error: { code: -32600, message: `thread not found: ${threadId}` } });
    else if (cursor === undefined) expect(ours).toHaveProperty("result.data");
    else expect(ours).toHaveProperty("error.message", expect.stringMatching(/^invalid (thread timeline )?cursor/));
  }
});

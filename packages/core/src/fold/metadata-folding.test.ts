import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instantFromMs } from "../protocol/instant.js";
import { type StoredItem, storedItem } from "../protocol/rollout-item.js";
import {
  factsOfItem,
  foldFacts,
  METADATA_EVENTS,
  METADATA_KINDS,
  type MetadataFacts,
  mergeFacts,
  NO_FACTS,
} from "./metadata.js";

fc.configureGlobal({ seed: 20_261_120, numRuns: 200 });

const ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";
const OTHER_ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f709";

describe("folding", () => {
  it("no items tell nothing", () => {
    expect(foldFacts([], ID)).toStrictEqual(NO_FACTS);
  });

  it("in any pieces, joined in any grouping, is folding item by item", () => {
    const histories = fc.array(items(), { maxLength: 30 });
    fc.assert(
      fc.property(histories, fc.infiniteStream(fc.nat()), (history, choices) => {
        expect(foldInPieces(history, choices)).toStrictEqual(foldFacts(history, ID));
      }),
    );
  });

  it("facts that were kept as JSON go on as if they had not been", () => {
    const histories = fc.array(items(), { maxLength: 20 });
    fc.assert(
      fc.property(histories, histories, (earlier, later) => {
        const kept = JSON.parse(JSON.stringify(foldFacts(earlier, ID))) as MetadataFacts;
        expect(mergeFacts(kept, foldFacts(later, ID))).toStrictEqual(foldFacts([...earlier, ...later], ID));
      }),
    );
  });

  it("only the kinds and events named for it tell more than when there were items", () => {
    fc.assert(
      fc.property(items(), (stored) => {
        const { type, payload } = stored.item;
        const isNamed = type === "event_msg" ? METADATA_EVENTS.has(nameOf(payload)) : METADATA_KINDS.has(type);
        const seen = { firstItemAt: stored.timestamp, lastItemAt: stored.timestamp };
        if (!isNamed) expect(factsOfItem(stored, ID)).toStrictEqual(seen);
      }),
    );
  });
});

interface Item {
  readonly type: string;
  readonly payload: unknown;
}

function event(type: string, fields: object): Item {
  return { type: "event_msg", payload: { type, ...fields } };
}

function nameOf(payload: unknown): string {
  return String((payload as { readonly type?: unknown }).type);
}

function foldInPieces(history: readonly StoredItem[], choices: fc.Stream<number>): MetadataFacts {
  if (history.length <= 1) return foldFacts(history, ID);
  const cut = choices.next().value % (history.length + 1);
  if (cut === 0 || cut === history.length) return foldFacts(history, ID);
  return mergeFacts(foldInPieces(history.slice(0, cut), choices), foldInPieces(history.slice(cut), choices));
}

/** Items of every kind that may tell something, and of some that do not. */
function items(): fc.Arbitrary<StoredItem> {
  const word = fc.constantFrom("", "a", "b");
  const maybe = fc.constantFrom(undefined, null, "", "a", "b");
  const settings = fc.record({
    cwd: maybe,
    model: maybe,
    effort: maybe,
    approval_policy: maybe,
    sandbox_policy: maybe,
  });
  const item = fc.oneof(
    fc
      .record({
        id: fc.constantFrom(ID, OTHER_ID),
        cwd: maybe,
        source: maybe,
        memory_mode: maybe,
        git: fc.record({ branch: maybe }),
      })
      .map((payload) => ({ type: "session_meta", payload })),
    settings.map((payload) => ({ type: "turn_context", payload })),
    settings.map((thread_settings) => event("thread_settings_applied", { thread_settings })),
    word.map((message) => event("user_message", { message })),
    word.map((text) => event("item_completed", { item: { type: "UserMessage", content: [{ type: "text", text }] } })),
    maybe.map((info) => event("token_count", { info })),
    word.map((objective) => event("thread_goal_updated", { goal: { objective } })),
    maybe.map((thread_name) => event("thread_name_updated", { thread_name })),
    fc.constantFrom("task_started", "turn_started", "task_complete", "agent_message").map((name) => event(name, {})),
    fc
      .constantFrom("response_item", "compacted", "world_state")
      .map((type) => ({ type, payload: { type: "message" } })),
  );
  const times = fc.integer({ min: 0, max: 1_000 }).map((ms) => instantFromMs(Date.UTC(2026, 0) + ms));
  return fc
    .tuple(item, fc.nat(1_000), times)
    .map(([fields, ordinal, time]) => storedItem({ ordinal, timestamp: time, json: JSON.stringify(fields) }));
}

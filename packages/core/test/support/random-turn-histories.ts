import fc from "fast-check";
import type { FoldedItem } from "../../src/fold/metadata.js";
import type { HistoryMode } from "../../src/protocol/history-mode.js";
import type { RolloutItem } from "../../src/protocol/rollout-item.js";
import {
  agentMessage,
  COMPACTED,
  event,
  type Fields,
  sessionMeta,
  tokenCount,
  turnContext,
  userMessage,
} from "./rollout-items.js";
import {
  commandEnd,
  historyOf,
  itemCompleted,
  ownMeta,
  rolledBack,
  SOURCE_ID,
  taskComplete,
  taskStarted,
  timeAt,
  turnAborted,
} from "./turn-histories.js";

/** One item, made for its ordinal and for the turns that were started before it. */
type Step = (place: { readonly ordinal: number; readonly started: string[] }) => RolloutItem;

/** Histories of everything that may stand in a thread, in any order, at ascending ordinals with gaps. */
export function turnHistories(historyMode: HistoryMode, maxLength = 40): fc.Arbitrary<readonly FoldedItem[]> {
  const steps = historyMode === "legacy" ? fc.oneof(turnSteps(), legacySteps()) : turnSteps();
  const gap = fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 3 }));
  return fc.array(fc.tuple(steps, gap), { maxLength }).map((all) => {
    const started: string[] = [];
    let ordinal = -1;
    return all.map(([step, distance]) => {
      ordinal += distance;
      return { ordinal, timestamp: timeAt(ordinal), item: step({ ordinal, started }) };
    });
  });
}

/** Paginated histories of few turns, each of which starts, ends and is named again and again. */
export function entangledHistories(): fc.Arbitrary<readonly FoldedItem[]> {
  const plan = { type: "Plan", id: "plan" };
  const bare = [
    event("task_started"),
    event("task_complete"),
    event("turn_aborted"),
    event("error", { message: "no" }),
    itemCompleted(null, plan),
    ownMeta(),
    ownMeta(),
    ownMeta({ attached_thread: true }),
  ];
  const make = fc.constantFrom<(turnId: string) => RolloutItem>(
    taskStarted,
    taskStarted,
    taskStarted,
    taskComplete,
    turnAborted,
    turnAborted,
    (turnId) => itemCompleted(turnId, plan),
  );
  // An event may name the turn of another one that has no id of its own.
  const turnIds = fc.constantFrom("a", "a", "a", "b", "b", "b", "c", "rollout-0", "rollout-1");
  const item = fc.oneof(
    { weight: 5, arbitrary: fc.tuple(make, turnIds).map(([one, turnId]) => one(turnId)) },
    { weight: 1, arbitrary: fc.constantFrom(...bare) },
  );
  return fc.array(item, { minLength: 4, maxLength: 12 }).map((items) => historyOf(items));
}

/** What both history modes know. */
function turnSteps(): fc.Arbitrary<Step> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant(startFresh) },
    { weight: 2, arbitrary: named((turnId) => taskStarted(turnId, { root_turn_id: "root" })) },
    { weight: 1, arbitrary: constantStep(event("turn_started")) },
    { weight: 4, arbitrary: named(taskComplete) },
    { weight: 1, arbitrary: named((turnId) => taskComplete(turnId, { error: { message: "no" }, started_at: 5 })) },
    { weight: 1, arbitrary: constantStep(event("turn_complete", { duration_ms: 5 })) },
    { weight: 3, arbitrary: named(turnAborted) },
    { weight: 1, arbitrary: constantStep(event("turn_aborted")) },
    { weight: 1, arbitrary: constantStep(event("error", { message: "no" })) },
    { weight: 1, arbitrary: named((turnId) => event("error", { message: "no", turn_id: turnId })) },
    { weight: 6, arbitrary: itemSteps() },
    { weight: 1, arbitrary: constantStep(ownMeta()) },
    { weight: 1, arbitrary: fc.constant<Step>(({ ordinal }) => ownMeta(attachedAt(ordinal))) },
    { weight: 1, arbitrary: fc.constant<Step>(({ ordinal }) => ownMeta({ subagent_history_start_ordinal: ordinal })) },
    { weight: 1, arbitrary: constantStep(sessionMeta({ id: SOURCE_ID, attached_thread: true })) },
    { weight: 2, arbitrary: fc.constantFrom(...SILENT).map((item) => () => item) },
  );
}

const SILENT: readonly RolloutItem[] = [
  tokenCount({ total: 1 }),
  turnContext({ turn_id: "a" }),
  event("thread_settings_applied", { turn_id: "a" }),
  event("a_kind_of_the_future", { turn_id: "a", call_id: "call" }),
  { type: "event_msg", payload: null },
  { type: "response_item", payload: { type: "message", role: "user", content: [{ type: "input_text", text: "hi" }] } },
];

function attachedAt(ordinal: number): Fields {
  return { attached_thread: true, forked_from_ordinal_exclusive: ordinal };
}

function constantStep(item: RolloutItem): fc.Arbitrary<Step> {
  return fc.constant(() => item);
}

const startFresh: Step = ({ started }) => {
  const turnId = `turn-${started.length + 1}`;
  started.push(turnId);
  return taskStarted(turnId);
};

/** Something that names the last turn that was started, an older one, or one that never was. */
function named(make: (turnId: string) => RolloutItem): fc.Arbitrary<Step> {
  const back = fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 4 }));
  return fc.oneof(
    {
      weight: 6,
      arbitrary: back.map(
        (count): Step =>
          ({ started }) =>
            make(started.at(-count) ?? "turn-0"),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom("turn-0", "").map(
        (turnId): Step =>
          () =>
            make(turnId),
      ),
    },
  );
}

function itemSteps(): fc.Arbitrary<Step> {
  const types = fc.constantFrom("AgentMessage", "Plan", "CommandExecution");
  const times = fc.constantFrom({}, { started_at_ms: 1_000 }, { started_at_ms: 2_000, completed_at_ms: 3_000 });
  return fc
    .tuple(types, fc.constantFrom("a", "b", "c"), fc.nat(9), times)
    .chain(([type, id, value, fields]) =>
      fc.oneof(
        { weight: 4, arbitrary: named((turnId) => itemCompleted(turnId, { type, id, value }, fields)) },
        { weight: 1, arbitrary: constantStep(itemCompleted(null, { type, id, value }, fields)) },
      ),
    );
}

/** What only legacy threads know. */
function legacySteps(): fc.Arbitrary<Step> {
  const hookPrompt = { type: "input_text", text: '<hook_prompt hook_run_id="run">Stop.</hook_prompt>' };
  const words = fc.constantFrom("", "a", "b");
  const counted = fc.oneof(
    words.map((text) => userMessage(text)),
    words.map((text) => agentMessage(text)),
    words.map((text) => event("agent_reasoning", { text })),
    words.map((text) => event("agent_reasoning_raw_content", { text })),
    fc.constantFrom("context_compacted", "entered_review_mode", "exited_review_mode").map((type) => event(type)),
    fc.nat(3).map((count) => rolledBack(count)),
    fc.constant(COMPACTED),
    fc.constantFrom({}, { id: "msg" }).map((fields) => ({
      type: "response_item",
      payload: { type: "message", role: "user", content: [hookPrompt], ...fields },
    })),
  );
  const calls = fc.constantFrom("a", "b", "c");
  return fc.oneof(
    {
      weight: 4,
      arbitrary: counted.map(
        (item): Step =>
          () =>
            item,
      ),
    },
    {
      weight: 1,
      arbitrary: calls.map(
        (callId): Step =>
          () =>
            commandEnd(callId),
      ),
    },
    { weight: 1, arbitrary: calls.chain((callId) => named((turnId) => commandEnd(callId, { turn_id: turnId }))) },
  );
}

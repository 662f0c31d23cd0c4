import fc from "fast-check";
import { LiveThread } from "../../src/live/live-thread.js";
import { openMemoryThreadStore } from "../../src/memory/memory-thread-store.js";
import type { RolloutItem } from "../../src/protocol/rollout-item.js";
import { rolloutSpellingOf } from "../../src/protocol/session-source.js";
import type { ThreadId } from "../../src/protocol/thread-id.js";
import type { ThreadMetadataPatch } from "../../src/store/metadata-patch.js";
import type { CreateThreadParams } from "../../src/store/params.js";
import type { StoredThread } from "../../src/store/records.js";
import { type Gate, GatedThreadStore, settlePromises } from "./gated-thread-store.js";
import { ManualClock } from "./manual-clock.js";
import * as items from "./rollout-items.js";

/** What happens in the life of a thread. `hold` and `fail` are of the next metadata update nothing was said of. */
type Step =
  | { readonly kind: "append"; readonly items: readonly RolloutItem[] }
  | { readonly kind: "set"; readonly patch: ThreadMetadataPatch }
  | { readonly kind: "barrier"; readonly barrier: "flush" | "persist"; readonly isAwaited: boolean }
  | { readonly kind: "hold" | "release" | "fail" | "settle" | "tick" | "resume" };

export interface ThreadLife {
  readonly birth: CreateThreadParams;
  readonly steps: readonly Step[];
}

/** The same life over a store that folds items and over one that does not, and how each shows the thread in the end. */
export async function liveBoth(
  life: ThreadLife,
): Promise<{ readonly folded: StoredThread; readonly patched: StoredThread }> {
  const clock = new ManualClock();
  const gated = new GatedThreadStore(clock);
  const memory = openMemoryThreadStore({ clock });
  const both = {
    clock,
    gated,
    memory,
    gates: [] as Gate[],
    barriers: [] as Promise<unknown>[],
    folded: await LiveThread.create(memory, life.birth, { clock }),
    patched: await LiveThread.create(gated.store, life.birth, { clock }),
    isSet: false,
  };
  for (const step of life.steps) await take(both, step);
  await take(both, { kind: "append", items: [items.COMPACTED] });
  release(both);
  await Promise.all(both.barriers);
  await untilDone(() => both.patched.flush());
  return { folded: await both.folded.readThread(), patched: await both.patched.readThread() };
}

interface Both {
  readonly clock: ManualClock;
  readonly gated: GatedThreadStore;
  readonly memory: ReturnType<typeof openMemoryThreadStore>;
  readonly gates: Gate[];
  readonly barriers: Promise<unknown>[];
  folded: LiveThread;
  patched: LiveThread;
  isSet: boolean;
}

async function take(both: Both, step: Step): Promise<void> {
  const { clock, gated, gates } = both;
  if (step.kind === "append") {
    await Promise.all([both.folded.append(step.items), both.patched.append(step.items)]);
  } else if (step.kind === "set") await set(both, step.patch);
  else if (step.kind === "barrier") {
    await both.folded[step.barrier]();
    both.barriers.push(both.patched[step.barrier]().catch(() => undefined));
    if (!step.isAwaited) return;
    release(both);
    await Promise.all(both.barriers);
  } else if (step.kind === "hold") gates.push(gated.holdUpdate());
  else if (step.kind === "release") gates.shift()?.open();
  else if (step.kind === "fail") gated.failUpdate("unavailable");
  else if (step.kind === "settle") await settlePromises();
  else if (step.kind === "tick") clock.advance(1_700);
  else await resume(both);
}

/** A set that failed changed nothing, so the other store does not hear of it. */
async function set(both: Both, patch: ThreadMetadataPatch): Promise<void> {
  release(both);
  const isSet = await both.patched.updateMetadata(patch).then(
    () => true,
    () => false,
  );
  if (isSet) await both.folded.updateMetadata(patch);
  both.isSet ||= isSet;
}

/** Shuts the thread down and opens it again. What was set is not known to whoever resumes: such lives go on as they are. */
async function resume(both: Both): Promise<void> {
  if (both.isSet) return;
  const { clock, gated, memory } = both;
  const { threadId } = both.patched;
  release(both);
  await Promise.all(both.barriers);
  for (const side of ["folded", "patched"] as const) {
    await untilDone(() => both[side].persist());
    await untilDone(() => both[side].shutdown());
    both[side] = await LiveThread.resume(side === "folded" ? memory : gated.store, { threadId }, { clock });
  }
}

function release({ gates }: Both): void {
  for (const gate of gates.splice(0)) gate.open();
}

/** Each failure that was set up is met once. */
async function untilDone(work: () => Promise<unknown>): Promise<void> {
  for (let failures = 0; ; failures++) {
    try {
      await work();
      return;
    } catch (error) {
      if (failures === 100) throw error;
    }
  }
}

/** Lives with items of every kind that tells something, and of some that do not. */
export function threadLives(threadId: ThreadId): fc.Arbitrary<ThreadLife> {
  return births(threadId).chain((birth) =>
    fc.record({ birth: fc.constant(birth), steps: fc.array(randomSteps(birth), { maxLength: 25 }) }),
  );
}

function randomSteps(birth: CreateThreadParams): fc.Arbitrary<Step> {
  const plain = ["hold", "release", "fail", "settle", "tick", "resume"] as const;
  const barriers = fc.record({
    kind: fc.constant("barrier" as const),
    barrier: fc.constantFrom("flush" as const, "persist" as const),
    isAwaited: fc.boolean(),
  });
  const appends = fc.array(randomItems(birth), { maxLength: 4 });
  return fc.oneof(
    { weight: 5, arbitrary: appends.map((appended) => ({ kind: "append" as const, items: appended })) },
    { weight: 4, arbitrary: fc.constantFrom(...plain).map((kind) => ({ kind })) },
    { weight: 2, arbitrary: barriers },
    { weight: 1, arbitrary: randomSets().map((patch) => ({ kind: "set" as const, patch })) },
  );
}

const OTHER_ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f70a";
const SPAWN = {
  thread_spawn: { parent_thread_id: OTHER_ID, agent_nickname: "nick", agent_role: "role", agent_path: "/a" },
};
const ACCESS = ["never", { type: "read-only" }, ["a"]] as const;
const WORDS = ["a", "b", "c"] as const;

function births(threadId: ThreadId): fc.Arbitrary<CreateThreadParams> {
  const word = fc.constantFrom(...WORDS);
  const access = fc.constantFrom<unknown>(...ACCESS);
  const fields = {
    originator: word,
    cliVersion: word,
    modelProvider: word,
    source: fc.constantFrom(
      "cli" as const,
      "exec" as const,
      { custom: "robot" },
      { subAgent: "review" },
      { subAgent: SPAWN },
    ),
    cwd: word,
    threadSource: word,
    model: word,
    reasoningEffort: word,
    serviceTier: word,
    approvalMode: access,
    sandboxPolicy: access,
    permissionProfile: access,
    agentNickname: word,
    agentRole: word,
    agentPath: word,
    memoryMode: fc.constantFrom("enabled" as const, "disabled" as const),
  };
  const metadata = fc.record(fields, {
    requiredKeys: ["originator", "cliVersion", "modelProvider", "source"],
    noNullPrototype: true,
  });
  const historyMode = fc.constantFrom("paginated" as const, "legacy" as const);
  return fc.record({ threadId: fc.constant(threadId), metadata, historyMode });
}

function randomSets(): fc.Arbitrary<ThreadMetadataPatch> {
  const word = fc.constantFrom(...WORDS);
  const clearable = fc.constantFrom(null, ...WORDS);
  return fc
    .record(
      { preview: word, cwd: word, model: word, reasoningEffort: clearable, agentRole: clearable, tokenUsage: word },
      { requiredKeys: [], noNullPrototype: true },
    )
    .filter((patch) => Object.keys(patch).length > 0);
}

function randomItems(birth: CreateThreadParams): fc.Arbitrary<RolloutItem> {
  const word = fc.constantFrom("", ...WORDS);
  const maybe = fc.constantFrom(undefined, null, "", ...WORDS);
  const access = fc.constantFrom<unknown>(undefined, null, ...ACCESS);
  const fields = {
    cwd: maybe,
    model: maybe,
    effort: maybe,
    reasoning_effort: maybe,
    service_tier: maybe,
    approval_policy: access,
    sandbox_policy: access,
    permission_profile: access,
  };
  const events = ["task_started", "turn_started", "task_complete", "agent_message", "of_tomorrow", "item_started"];
  return fc.oneof(
    sessionMetas(birth),
    fc.record(fields).map(items.turnContext),
    fc.record(fields).map(items.settings),
    word.map((text) => items.userMessage(text)),
    word.map(items.userTurnItem),
    fc.constant(items.imageMessage()),
    maybe.map(items.tokenCount),
    word.map(items.goal),
    maybe.map((thread_name) => items.event("thread_name_updated", { thread_name })),
    fc.constantFrom(...events).map((name) => items.event(name)),
    fc.constant(items.COMPACTED),
  );
}

/** Copies of a session_meta, as the real Codex appends them when git or memory change; also those of other threads. */
function sessionMetas({ threadId, metadata, historyMode }: CreateThreadParams): fc.Arbitrary<RolloutItem> {
  const maybe = fc.constantFrom(undefined, "", ...WORDS);
  const fields = {
    id: fc.constantFrom(threadId, OTHER_ID),
    timestamp: fc.constantFrom(undefined, "2026-11-20T10:00:00.000Z", "2026-11-20T11:00:00.000Z"),
    // Who started a thread, and how it is recorded, does not change.
    source: fc.constant(rolloutSpellingOf(metadata.source)),
    history_mode: fc.constant(historyMode),
    memory_mode: fc.constantFrom(undefined, "enabled", "disabled"),
    cwd: maybe,
    thread_source: maybe,
    cli_version: maybe,
    model_provider: maybe,
    agent_nickname: maybe,
    agent_role: maybe,
    agent_path: maybe,
  };
  return fc.record(fields).map(items.sessionMeta);
}

import {
  type ApiItemListParams,
  type ApiItemReadParams,
  type ApiOccurrenceSearchParams,
  type ApiThreadReadParams,
  type ApiTimelineParams,
  type ApiTurnListParams,
  InvalidParamsError,
  listApiItems,
  listApiTimeline,
  listApiTurns,
  readApiItems,
  readApiThread,
  searchApiOccurrences,
} from "@threadstore/codex-wire";
import { isThreadStoreError, type ThreadStore } from "@threadstore/core";
import type { Recording } from "../support/fixture-home.js";

/** A call about the history of one thread, as it was recorded. */
export interface HistoryCall {
  readonly label: string;
  readonly method: HistoryMethod;
  readonly params: unknown;
  readonly recorded: Outcome;
}

type HistoryMethod = keyof typeof ANSWERS;

/** What a call came to: an answer, or a refusal with its JSON-RPC code. */
export type Outcome =
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string } };

/** Why an answer may differ from the recorded one. */
export type Excuse =
  /** Difference 5: there, no items, no timeline and no occurrences of legacy and unknown threads. */
  | "legacy items"
  /** Difference 6: there, item ids repeat after a rollback. */
  | "ids after a rollback"
  /** Parameters that are no such parameters are refused before they get here. */
  | "malformed parameters";

const ANSWERS = {
  "thread/turns/list": (store: ThreadStore, params: unknown) => listApiTurns(store, params as ApiTurnListParams),
  "thread/items/list": (store: ThreadStore, params: unknown) => listApiItems(store, params as ApiItemListParams),
  "thread/items/read": (store: ThreadStore, params: unknown) => readApiItems(store, params as ApiItemReadParams),
  "thread/timeline/list": (store: ThreadStore, params: unknown) => listApiTimeline(store, params as ApiTimelineParams),
  "thread/searchOccurrences": (store: ThreadStore, params: unknown) =>
    searchApiOccurrences(store, params as ApiOccurrenceSearchParams),
  "thread/read": async (store: ThreadStore, params: unknown) => turnsOf(await readThread(store, params)),
} as const;

async function readThread(store: ThreadStore, params: unknown): Promise<{ readonly thread: unknown }> {
  return { thread: await readApiThread(store, params as ApiThreadReadParams) };
}

/** The calls among recordings that are about the history of one thread. */
export function historyCalls(recordings: readonly Recording[]): HistoryCall[] {
  return recordings.flatMap(({ label, request, response }) => {
    const { method, params } = request;
    if (!isHistoryMethod(method)) return [];
    const recorded: Outcome = response.error ? { error: response.error } : { result: response.result };
    return [{ label, method, params, recorded: method === "thread/read" ? turnsOnly(recorded) : recorded }];
  });
}

function isHistoryMethod(method: string): method is HistoryMethod {
  return method in ANSWERS;
}

/** Of threads that were read, their turns: every other field has a test of its own. */
function turnsOnly(outcome: Outcome): Outcome {
  return "result" in outcome ? { result: turnsOf(outcome.result) } : outcome;
}

function turnsOf(result: unknown): unknown {
  return (result as { readonly thread: { readonly turns: unknown } }).thread.turns;
}

/** Our answer to a recorded call. */
export async function answerCall(store: ThreadStore, { method, params }: HistoryCall): Promise<Outcome> {
  try {
    return { result: await ANSWERS[method](store, params) };
  } catch (error) {
    if (!isThreadStoreError(error, "invalid_request") && !isThreadStoreError(error, "thread_not_found")) throw error;
    return { error: { code: error instanceof InvalidParamsError ? -32602 : -32600, message: error.message } };
  }
}

/** The excuse a call has, if any. `rolledBackIds` are the legacy threads in which turns were rolled back. */
export function excuseOf({ params, recorded }: HistoryCall, rolledBackIds: ReadonlySet<unknown>): Excuse | null {
  const message = "error" in recorded ? recorded.error.message : "";
  if (/^Invalid request: |^invalid thread id: /.test(message)) return "malformed parameters";
  if (message.endsWith(" is not supported yet")) return "legacy items";
  const { threadId } = params as { readonly threadId: unknown };
  return rolledBackIds.has(threadId) ? "ids after a rollback" : null;
}

/** The outcome with all counted item ids alike. */
export function withoutCountedIds(outcome: Outcome): unknown {
  return JSON.parse(JSON.stringify(outcome).replaceAll(/"id":"item-\d+"/g, '"id":"item"'));
}

/** How many calls there are of each excuse, and without one. */
export function countExcuses(excuses: readonly (Excuse | null)[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const excuse of excuses) counts[excuse ?? "compared"] = (counts[excuse ?? "compared"] ?? 0) + 1;
  return counts;
}

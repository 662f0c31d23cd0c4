import { asJsonObject, type StoredItem, textField } from "@threadstore/core";

/** A turn whose end is not recorded yet. */
export interface OpenTurn {
  readonly turnId: string;
  readonly startedAtMs: number;
  /** Whether anything of the agent is recorded in it. */
  readonly hasAnswer: boolean;
}

const ENDS: ReadonlySet<unknown> = new Set(["task_complete", "turn_complete", "turn_aborted"]);

/** The turn that is open at the end of a history. */
export function openTurnOf(history: readonly StoredItem[]): OpenTurn | null {
  return history.reduce<OpenTurn | null>(foldOpenTurn, null);
}

function foldOpenTurn(open: OpenTurn | null, { item: { type, payload } }: StoredItem): OpenTurn | null {
  const fields = asJsonObject(payload);
  if (fields === null) return open;
  if (type === "response_item" && open) {
    const isOfAgent = fields.type !== "message" || fields.role === "assistant";
    return isOfAgent ? { ...open, hasAnswer: true } : open;
  }
  if (type !== "event_msg") return open;
  if (ENDS.has(fields.type)) return null;
  const turnId = fields.type === "task_started" ? textField(fields, "turn_id") : undefined;
  if (turnId === undefined) return open;
  return {
    turnId,
    startedAtMs: typeof fields.started_at === "number" ? fields.started_at * 1_000 : 0,
    hasAnswer: false,
  };
}

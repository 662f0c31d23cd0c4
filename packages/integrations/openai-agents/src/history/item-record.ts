import type { AgentInputItem } from "@openai/agents-core";
import { asJsonObject, type JsonObject, type RolloutItem } from "@threadstore/core";
import type { KeptFields } from "../wire/kept-fields.js";
import type { StoredForm, StoredForms } from "../wire/stored-form.js";

/** Stands beside the payload of a record, where Codex passes over it: what the payload lacks of the item of the SDK. */
const KEPT = "openai_agents_item";

/** The same of a compaction: one for each item of its replacement history, null for nothing. */
const KEPT_OF_COMPACTION = "openai_agents_items";

export function itemRecord({ wire, kept }: StoredForm): RolloutItem {
  return { type: "response_item", payload: wire, ...(kept ? { [KEPT]: kept } : {}) };
}

/** The record of a compaction: from here on a model is told these items instead of all before. */
export function compactionRecord(forms: readonly StoredForm[]): RolloutItem {
  const kept: (KeptFields | null)[] = forms.map((form) => form.kept ?? null);
  const payload = { message: "", replacement_history: forms.map(({ wire }) => wire) };
  return { type: "compacted", payload, [KEPT_OF_COMPACTION]: kept };
}

export function readItemRecord(forms: StoredForms, { payload, [KEPT]: kept }: RolloutItem): AgentInputItem | null {
  return forms.read(payload, kept);
}

/** The items that a compaction with a replacement history leaves; undefined for one without. */
export function readCompaction(forms: StoredForms, record: RolloutItem): AgentInputItem[] | undefined {
  const history = replacementHistoryOf(asJsonObject(record.payload));
  const kept = record[KEPT_OF_COMPACTION];
  return history?.flatMap((wire, at) => forms.read(wire, Array.isArray(kept) ? kept[at] : undefined) ?? []);
}

function replacementHistoryOf(compacted: JsonObject | null): readonly unknown[] | undefined {
  const history = compacted?.replacement_history;
  return Array.isArray(history) ? history : undefined;
}

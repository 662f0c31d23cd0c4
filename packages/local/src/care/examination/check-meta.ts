import { type JsonObject, textField } from "@threadstore/core";
import type { ExaminedRecord } from "./classify-line.js";

/** What a session_meta lacks or says that the real Codex does not take. */
export interface MetaCheck {
  /** Members that the real Codex cannot do without. */
  readonly missing: readonly string[];
  readonly hasUnknownMode: boolean;
}

/** Members of a session_meta without which the real Codex does not read a rollout. */
const NEEDED_MEMBERS = ["id", "timestamp", "cwd", "originator", "cli_version"] as const;

export function checkMeta(meta: JsonObject, { timestamp }: Pick<ExaminedRecord, "timestamp">): MetaCheck {
  const missing = NEEDED_MEMBERS.filter((name) => textField(meta, name) === undefined);
  return {
    missing: timestamp === undefined ? [...missing, "the line's own timestamp"] : missing,
    hasUnknownMode: !hasKnownMode(meta),
  };
}

/** Whether the real Codex knows the history mode of a session_meta; a missing one is legacy. */
export function hasKnownMode({ history_mode: mode }: JsonObject): boolean {
  return mode === undefined || mode === null || mode === "legacy" || mode === "paginated";
}

import { asJsonObject, type JsonObject, textField } from "@threadstore/core";
import { LINE_BREAK } from "../output/plain-text.js";

/** The files that an item changed, a line each: what was done to it, and how many lines came and went. */
export function describeFileChanges(changes: readonly JsonObject[]): string {
  return changes.map(describeChange).join("\n");
}

/** The same, with what was changed below each file. */
export function fileChangesInFull(changes: readonly JsonObject[]): string {
  return changes.map((change) => `${describeChange(change)}\n${diffOf(change)}`.trimEnd()).join("\n");
}

function describeChange(change: JsonObject): string {
  const kind = asJsonObject(change.kind) ?? {};
  const type = textField(kind, "type") ?? "change";
  const path = textField(change, "path") ?? "";
  const target = textField(kind, "move_path");
  const { added, removed } = countLines(diffOf(change), type);
  const counts = [added > 0 ? `+${added}` : "", removed > 0 ? `-${removed}` : ""].filter(Boolean);
  return [type, target === undefined ? path : `${path} -> ${target}`, ...counts].join(" ");
}

function diffOf(change: JsonObject): string {
  return textField(change, "diff") ?? "";
}

/** Of a new file and of a deleted one the whole content is recorded, of others a unified diff. */
function countLines(diff: string, type: string): { added: number; removed: number } {
  const lines = diff === "" ? [] : diff.replace(/\r?\n$/, "").split(LINE_BREAK);
  if (type === "add") return { added: lines.length, removed: 0 };
  if (type === "delete") return { added: 0, removed: lines.length };
  // A removed line may itself begin with two dashes: only what stands before the first hunk are file names.
  const hunk = lines.findIndex((line) => line.startsWith("@@"));
  const changed = lines.slice(hunk + 1);
  return {
    added: changed.filter((line) => line.startsWith("+")).length,
    removed: changed.filter((line) => line.startsWith("-")).length,
  };
}

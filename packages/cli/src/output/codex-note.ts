import type { HistoryMode } from "@threadstore/core";
import { colorsFor } from "./colors.js";

/** Changes whose effect the real Codex sees in part, or not at all. @see docs/beside-codex.md */
export type CodexVisibleChange =
  | "create"
  | "append"
  | "name"
  | "metadata"
  | "archive"
  | "unarchive"
  | "delete"
  | "edge";

const NOTES: Readonly<Record<CodexVisibleChange, Readonly<Record<HistoryMode, string>>>> = {
  create: {
    paginated: "Codex lists the thread once a user message is in it, and shows its turns after it has resumed it.",
    legacy: "Codex lists the thread once a user message is in it.",
  },
  append: {
    paginated: "Codex shows new turns after it has resumed the thread.",
    legacy: "Codex shows new turns at once.",
  },
  name: {
    paginated: "Codex does not show this name: it keeps names of paginated threads in its own database.",
    legacy: "Codex shows this name, unless it named the thread itself.",
  },
  metadata: {
    paginated: "Codex does not see this: it keeps what was edited of paginated threads in its own database.",
    legacy: "Codex sees git info and memory mode of threads that are new to its database, and nothing else of this.",
  },
  archive: {
    paginated: "If Codex knows the thread, it cannot open or unarchive it until it is unarchived here.",
    legacy: "Codex sees it with its next full list, and can unarchive it.",
  },
  unarchive: {
    paginated: "If Codex itself archived the thread, it lists it again, but goes on refusing to resume it.",
    legacy: "If Codex itself archived the thread, it lists it again, but goes on refusing to resume it.",
  },
  delete: {
    paginated: "Codex forgets the thread with its next full list.",
    legacy: "Codex forgets the thread with its next full list.",
  },
  edge: {
    paginated: "Codex does not see this: it keeps edges in its own database.",
    legacy: "Codex does not see this: it keeps edges in its own database.",
  },
};

/** Says on standard error what the real Codex will and will not see of a change. */
export function noteForCodex(change: CodexVisibleChange, historyMode: HistoryMode): void {
  process.stderr.write(`${colorsFor(process.stderr).dim(NOTES[change][historyMode])}\n`);
}

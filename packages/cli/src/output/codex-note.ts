import type { HistoryMode } from "@threadstore/core";
import colors from "picocolors";

/** Changes whose effect the real Codex sees in part, or not at all. @see docs/differences.md, "What Codex sees" */
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
    paginated: "Codex lists the thread once a user message is in it, and can resume it then.",
    legacy: "Codex lists the thread once a user message is in it, and can resume it then.",
  },
  append: {
    paginated: "Codex shows the new turns after it has resumed the thread.",
    legacy: "Codex shows the new turns at once.",
  },
  name: {
    paginated: "Codex does not show this name: it keeps names of paginated threads in its own database.",
    legacy: "Codex shows this name unless its own database has another one.",
  },
  metadata: {
    paginated: "Codex does not see this: it keeps such edits of paginated threads in its own database.",
    legacy: "Codex sees git info and memory mode when it reads the rollout anew, and nothing else of this.",
  },
  archive: {
    paginated: "Codex sees it with its next full list.",
    legacy: "Codex sees it with its next full list.",
  },
  unarchive: {
    paginated: "Codex sees it with its next full list.",
    legacy: "Codex sees it with its next full list.",
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
  process.stderr.write(`${colors.dim(NOTES[change][historyMode])}\n`);
}

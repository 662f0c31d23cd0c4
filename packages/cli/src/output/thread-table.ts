import { type StoredThread, sourceKindOf } from "@threadstore/core";
import { colors } from "./colors.js";
import { plainTable, tableWidth } from "./plain-table.js";
import { plainText } from "./plain-text.js";
import { relativeTime } from "./relative-time.js";

/** The widths of the columns that hold short values; the folder and the title share what is left. */
const FIXED = { id: 15, updated: 6, source: 10, model: 14 };

/** Threads as a table that fits the terminal, a line each. */
export function threadTable(threads: readonly StoredThread[], nowMs: number): Promise<string> {
  const rest = tableWidth() - FIXED.id - FIXED.updated - FIXED.source - FIXED.model - 2;
  const cwdWidth = Math.min(28, Math.floor(rest * 0.35));
  const columns = [
    { head: "ID", width: FIXED.id },
    { head: "AGE", width: FIXED.updated },
    { head: "SOURCE", width: FIXED.source },
    { head: "MODEL", width: FIXED.model },
    { head: "FOLDER", width: cwdWidth },
    { head: "TITLE", width: rest - cwdWidth },
  ];
  return plainTable(
    columns,
    threads.map((thread) => row(thread, { nowMs, cwdWidth })),
  );
}

function row(thread: StoredThread, { nowMs, cwdWidth }: { nowMs: number; cwdWidth: number }): string[] {
  const mark = thread.archivedAt === undefined ? "" : colors.yellow("archived ");
  return [
    colors.cyan(thread.threadId.slice(0, 13)),
    relativeTime(thread.updatedAt, nowMs),
    sourceLabel(thread),
    plainText(thread.model ?? ""),
    endOf(plainText(thread.cwd), cwdWidth - 1),
    mark + titleOf(thread),
  ];
}

/** The name, or what the thread begins with. */
export function titleOf(thread: Pick<StoredThread, "name" | "preview">): string {
  const text = plainText(thread.name ?? thread.preview);
  return text === "" ? colors.dim("(no message yet)") : text;
}

function sourceLabel(thread: StoredThread): string {
  return sourceKindOf(thread.source).replace("subAgent", "sub");
}

/** The end of a path says more than its beginning. */
function endOf(text: string, width: number): string {
  return text.length <= width ? text : `…${text.slice(text.length - width + 1)}`;
}

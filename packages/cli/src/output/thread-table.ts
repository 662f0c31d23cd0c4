import { type StoredThread, sourceKindOf } from "@threadstore/core";
import Table from "cli-table3";
import colors from "picocolors";
import { plainText } from "./plain-text.js";
import { relativeTime } from "./relative-time.js";

/** The widths of the columns that hold short values; the folder and the title share what is left. */
const FIXED = { id: 15, updated: 6, source: 10, model: 14 };
const WIDTH_MIN = 60;
const WIDTH_PIPED = 120;

/** Threads as a table that fits the terminal, a line each. */
export function threadTable(threads: readonly StoredThread[], nowMs: number): string {
  const width = Math.max(process.stdout.columns ?? WIDTH_PIPED, WIDTH_MIN);
  const rest = width - FIXED.id - FIXED.updated - FIXED.source - FIXED.model - 2;
  const cwdWidth = Math.min(28, Math.floor(rest * 0.35));
  const table = new Table({
    head: ["ID", "AGE", "SOURCE", "MODEL", "FOLDER", "TITLE"].map((text) => colors.bold(text)),
    colWidths: [FIXED.id, FIXED.updated, FIXED.source, FIXED.model, cwdWidth, rest - cwdWidth],
    chars: NO_BORDERS,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 1 },
  });
  for (const thread of threads) table.push(row(thread, { nowMs, cwdWidth }));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
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
export function titleOf(thread: StoredThread): string {
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

const NO_BORDERS = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "",
};

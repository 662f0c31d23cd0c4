import { type BytesByKind, type HomeMeasure, measureHome, type ThreadWeight } from "@threadstore/local";
import type { Command } from "commander";
import { folderOf } from "../open-store.js";
import { formatBytes } from "../output/byte-size.js";
import { colors } from "../output/colors.js";
import { plainTable, tableWidth } from "../output/plain-table.js";
import { plainText } from "../output/plain-text.js";
import { printJson } from "../output/print-json.js";
import { progressBar } from "../output/progress-bar.js";
import { parseWholeNumber } from "../whole-number.js";

interface StatsOptions {
  readonly top: number;
  readonly json?: true;
}

export function addStats(program: Command): void {
  program
    .command("stats")
    .description("Measure a home: its threads and turns, its bytes, and what makes threads heavy. Changes nothing.")
    .option("--top <n>", "how many of the heaviest threads to name", parseWholeNumber, 10)
    .option("--json", "print one JSON document")
    .action(async (options: StatsOptions, command: Command) => {
      const home = folderOf(command);
      const progress = await progressBar("files");
      const measure = await measureHome({ home, heaviestMax: options.top, onProgress: progress.update }).finally(
        progress.stop,
      );
      if (options.json) return printJson(measure);
      process.stdout.write(`${(await linesOf(measure)).join("\n")}\n`);
    });
}

async function linesOf(measure: HomeMeasure): Promise<string[]> {
  const { threads, turns, files, bytes, bytesByKind, longestLineBytes, heaviest } = measure;
  const facts: readonly (readonly [string, string])[] = [
    ["threads", `${threads.total}: ${threads.active} active, ${threads.archived} archived`],
    ["", `${threads.paginated} paginated, ${threads.legacy} legacy; ${threads.subAgents} of sub-agents`],
    ["turns", String(turns)],
    ["rollouts", `${formatBytes(bytes.rollouts)} in ${files.rollouts} files`],
    ["compressed", `${formatBytes(bytes.compressed)} in ${files.compressed} files`],
    ...(files.unreadable > 0 ? [["unreadable", `${files.unreadable} of these files; doctor says why`] as const] : []),
    ["index", formatBytes(bytes.index)],
    ["journal", formatBytes(bytes.journal)],
    ["made of", sharesOf(bytesByKind).join(", ") || "nothing"],
    ["longest line", formatBytes(longestLineBytes)],
  ];
  const lines = facts.map(([label, value]) => `${colors.dim(label.padEnd(12))} ${value}`);
  return heaviest.length > 0 ? [...lines, "", await heaviestTable(heaviest)] : lines;
}

const FIXED = { id: 15, size: 10, turns: 8, line: 10, madeOf: 40 };
/** The kinds that explain a thread; the others are small beside them. */
const SHARES_MAX = 3;

function heaviestTable(threads: readonly ThreadWeight[]): Promise<string> {
  const { id, size, turns, line, madeOf } = FIXED;
  const columns = [
    { head: "HEAVIEST", width: id },
    { head: "SIZE", width: size, isNumber: true },
    { head: "TURNS", width: turns, isNumber: true },
    { head: "LINE MAX", width: line, isNumber: true },
    { head: "MADE OF", width: madeOf },
    { head: "TITLE", width: Math.max(tableWidth() - id - size - turns - line - madeOf, 20) },
  ];
  return plainTable(columns, threads.map(row));
}

function row({ threadId, title, isArchived, diskBytes, turns, bytesByKind, longestLineBytes }: ThreadWeight): string[] {
  return [
    colors.cyan(threadId.slice(0, FIXED.id - 2)),
    formatBytes(diskBytes),
    String(turns),
    formatBytes(longestLineBytes),
    sharesOf(bytesByKind).slice(0, SHARES_MAX).join(", "),
    (isArchived ? colors.yellow("archived ") : "") + plainText(title),
  ];
}

/** Kinds with the share of the bytes that they are, the largest first; what is less than a hundredth is left out. */
function sharesOf(bytesByKind: BytesByKind): string[] {
  const kinds = Object.entries(bytesByKind).sort(([, a], [, b]) => b - a);
  const total = kinds.reduce((sum, [, bytes]) => sum + bytes, 0);
  return kinds
    .map(([kind, bytes]) => ({ kind, percent: total === 0 ? 0 : Math.round((bytes / total) * 100) }))
    .filter(({ percent }) => percent > 0)
    .map(({ kind, percent }) => `${kind} ${percent} %`);
}

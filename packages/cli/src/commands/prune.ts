import { ThreadStoreError } from "@threadstore/core";
import {
  type EmptyTrashResult,
  emptyTrash,
  type PruneCandidate,
  type PruneResult,
  pruneHome,
  type UndoPruneResult,
  undoPrune,
} from "@threadstore/local";
import type { Command } from "commander";
import { ExitCode } from "../exit-code.js";
import { parseDuration, parseSize } from "../measures.js";
import { folderOf } from "../open-store.js";
import { formatBytes } from "../output/byte-size.js";
import { colors } from "../output/colors.js";
import { plainText } from "../output/plain-text.js";
import { printJson } from "../output/print-json.js";
import { progressBar } from "../output/progress-bar.js";
import { problemLines } from "./backup.js";

interface PruneCommandOptions {
  readonly olderThan?: number;
  readonly largerThan?: number;
  readonly archived?: true;
  readonly emptyTrash?: true;
  readonly grace?: number;
  readonly undo?: string;
  readonly yes?: true;
  readonly json?: true;
}

export function addPrune(program: Command): void {
  program
    .command("prune")
    .description("Move threads to threadstore/trash/, from where they can be brought back. Only says so without --yes.")
    .option("--older-than <duration>", "threads that were not changed for so long, as in 90d", parseDuration)
    .option("--larger-than <size>", "threads of more bytes on the disk, as in 100MB", parseSize)
    .option("--archived", "archived threads only")
    .option("--empty-trash", "instead, delete for good what was pruned before the grace time")
    .option("--grace <duration>", "how long what was pruned is kept (default: 30d)", parseDuration)
    .option("--undo <trash>", "instead, bring back what is in a folder of the trash")
    .option("--yes", "do it")
    .option("--json", "print one JSON document")
    .action(async (options: PruneCommandOptions, command: Command) => {
      checkUse(options);
      const home = folderOf(command);
      if (options.undo !== undefined) await undo(home, options.undo, options);
      else if (options.emptyTrash) await empty(home, options);
      else await prune(home, options);
    });
}

/** What does not go together is refused, so that no option is passed over. */
function checkUse({
  olderThan,
  largerThan,
  archived,
  emptyTrash: isEmptying,
  grace,
  undo: trash,
}: PruneCommandOptions): void {
  const hasCriterion = olderThan !== undefined || largerThan !== undefined || archived === true;
  const uses = [hasCriterion, isEmptying === true, trash !== undefined].filter(Boolean).length;
  if (uses === 0) throw usage("prune needs a criterion: --older-than, --larger-than or --archived");
  if (uses > 1) throw usage("prune takes criteria, --empty-trash or --undo, one of them");
  if (grace !== undefined && !isEmptying) throw usage("--grace goes with --empty-trash");
}

function usage(message: string): ThreadStoreError {
  return new ThreadStoreError("invalid_request", message);
}

async function prune(home: string, options: PruneCommandOptions): Promise<void> {
  const { olderThan, largerThan, archived, yes, json } = options;
  const progress = await progressBar("threads");
  const result = await pruneHome({
    home,
    ...(olderThan === undefined ? {} : { olderThanMs: olderThan }),
    ...(largerThan === undefined ? {} : { largerThanBytes: largerThan }),
    ...(archived ? { archived } : {}),
    isDryRun: !yes,
    onProgress: progress.update,
  }).finally(progress.stop);
  if (json) return printJson(result);
  process.stdout.write(`${prunedLines(result, { isDryRun: !yes }).join("\n")}\n`);
}

function prunedLines(
  { trash, pruned, bytes, kept }: PruneResult,
  { isDryRun }: { readonly isDryRun: boolean },
): string[] {
  const total = `${pruned.length} threads, ${formatBytes(bytes)}`;
  const done = trash === null ? `${total} moved` : `${total} moved to ${trash}; prune --undo ${trash} brings them back`;
  return [
    ...pruned.map(candidateLine),
    ...kept.map(({ threadId, why }) => `${colors.yellow("stays")} ${threadId}: ${plainText(why)}`),
    isDryRun ? `${total} would go to the trash; add --yes to do it` : done,
  ];
}

function candidateLine({ threadId, updatedAt, isArchived, files, bytes }: PruneCandidate): string {
  const mark = isArchived ? ", archived" : "";
  return `${colors.cyan(threadId)} ${formatBytes(bytes)} in ${files} files, changed ${updatedAt.slice(0, 10)}${mark}`;
}

async function empty(home: string, { grace, yes, json }: PruneCommandOptions): Promise<void> {
  const result = await emptyTrash({ home, ...(grace === undefined ? {} : { graceMs: grace }), isDryRun: !yes });
  if (json) return printJson(result);
  process.stdout.write(`${emptiedLines(result, { isDryRun: !yes }).join("\n")}\n`);
}

function emptiedLines(
  { emptied, bytes, kept }: EmptyTrashResult,
  { isDryRun }: { readonly isDryRun: boolean },
): string[] {
  const folders = emptied.map(
    ({ path, threads, bytes: size }) => `${path}: ${threads.length} threads, ${formatBytes(size)}`,
  );
  const total = `${emptied.length} folders, ${formatBytes(bytes)}`;
  const done = isDryRun ? `${total} would be deleted for good; add --yes to do it` : `${total} deleted`;
  return [...folders, `${done}; ${kept} younger ones stay`];
}

async function undo(home: string, trash: string, { json }: PruneCommandOptions): Promise<void> {
  const result: UndoPruneResult = await undoPrune({ home, trash });
  if (result.conflicts.length > 0) process.exitCode = ExitCode.conflict;
  if (json) return printJson(result);
  const lines = problemLines("stays in the trash", result.conflicts);
  process.stdout.write(`${[...lines, `${result.restored.length} files brought back`].join("\n")}\n`);
}

import { type HomeTurns, type ReindexResult, reindexHome } from "@threadstore/local";
import type { Command } from "commander";
import { ExitCode } from "../exit-code.js";
import { folderOf } from "../open-store.js";
import { printJson } from "../output/print-json.js";
import { progressBar } from "../output/progress-bar.js";

interface ReindexCommandOptions {
  readonly turns?: boolean;
  readonly json?: true;
}

export function addReindex(program: Command): void {
  program
    .command("reindex")
    .description("Make the index of a home anew from its files, looking at every line.")
    .option("--turns", "index the turns of every thread too, which are indexed when they are first asked for otherwise")
    .option("--json", "print one JSON document")
    .action(async ({ turns = false, json }: ReindexCommandOptions, command: Command) => {
      const [files, threads] = await Promise.all([progressBar("files"), progressBar("threads")]);
      const result = await reindexHome({
        home: folderOf(command),
        turns,
        onProgress: files.update,
        onTurnsProgress: (done, total) => {
          files.stop();
          threads.update(done, total);
        },
      });
      files.stop();
      threads.stop();
      if ((result.turns?.failed.length ?? 0) > 0) process.exitCode = ExitCode.failure;
      if (json) return printJson(result);
      process.stdout.write(`${[summaryOf(result), ...turnsOf(result.turns)].join("\n")}\n`);
    });
}

function summaryOf({ files, threads, unreadable, indexPath }: ReindexResult): string {
  return `${threads} threads in ${files} files, ${unreadable} unreadable files; index in ${indexPath ?? "memory"}`;
}

function turnsOf(turns: HomeTurns | null): readonly string[] {
  if (turns === null) return [];
  const { threads, failed } = turns;
  const unread = failed.map((threadId) => `the turns of ${threadId} cannot be read; doctor may tell why`);
  return [`turns of ${threads - failed.length} threads indexed`, ...unread];
}

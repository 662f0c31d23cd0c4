import { type HomeTurns, type ReindexResult, reindexHome } from "@threadstore/local";
import type { Command } from "commander";
import { ExitCode } from "../exit-code.js";
import { folderOf } from "../open-store.js";
import { printJson } from "../output/print-json.js";
import { progressBar } from "../output/progress-bar.js";

interface ReindexCommandOptions {
  readonly turns?: boolean;
  readonly text?: boolean;
  readonly json?: true;
}

export function addReindex(program: Command): void {
  program
    .command("reindex")
    .description("Make the index of a home anew from its files, looking at every line.")
    .option("--turns", "index the turns of every thread too, which are indexed when they are first asked for otherwise")
    .option("--text", "index what was said in every thread too, which is indexed when a search needs it otherwise")
    .option("--json", "print one JSON document")
    .action(async ({ turns = false, text = false, json }: ReindexCommandOptions, command: Command) => {
      const bars = await Promise.all([progressBar("files"), progressBar("texts"), progressBar("threads")]);
      const [files, texts, threads] = bars;
      const result = await reindexHome({
        home: folderOf(command),
        turns,
        text,
        onProgress: files.update,
        onTextProgress: (done, total) => {
          files.stop();
          texts.update(done, total);
        },
        onTurnsProgress: (done, total) => {
          files.stop();
          texts.stop();
          threads.update(done, total);
        },
      });
      for (const bar of bars) bar.stop();
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

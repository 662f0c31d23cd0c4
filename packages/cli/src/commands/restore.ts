import { parseThreadId, type ThreadId, ThreadStoreError } from "@threadstore/core";
import { type RestoreResult, restoreHome } from "@threadstore/local";
import type { Command } from "commander";
import { ExitCode } from "../exit-code.js";
import { plainText } from "../output/plain-text.js";
import { printJson } from "../output/print-json.js";
import { progressBar } from "../output/progress-bar.js";
import { problemLines } from "./backup.js";

interface RestoreCommandOptions {
  readonly to: string;
  readonly thread?: readonly string[];
  readonly withDatabase?: true;
  readonly json?: true;
}

export function addRestore(program: Command): void {
  program
    .command("restore <dir>")
    .description("Put the files of a backup into a home, none over another one. Ends with 4 when some are in the way.")
    .requiredOption("--to <home>", "the home; it is made when it is missing")
    .option("--thread <id...>", "only these threads, what they inherit, and what is known of them")
    .option("--with-database", "restore Codex's own database too, which names files by their paths in the old home")
    .option("--json", "print one JSON document")
    .action(async (folder: string, options: RestoreCommandOptions) => {
      const threadIds = options.thread?.map(threadIdOf);
      const progress = await progressBar("files");
      const result = await restoreHome({
        home: options.to,
        folder,
        ...(threadIds ? { threadIds } : {}),
        ...(options.withDatabase ? { withDatabase: true } : {}),
        onProgress: progress.update,
      }).finally(progress.stop);
      if (result.conflicts.length > 0) process.exitCode = ExitCode.conflict;
      if (result.damaged.length > 0) process.exitCode = ExitCode.failure;
      if (options.json) return printJson(result);
      process.stdout.write(`${linesOf(result).join("\n")}\n`);
    });
}

/** The home may not know the thread any more, so nothing shorter than its id tells which one is meant. */
function threadIdOf(text: string): ThreadId {
  const id = parseThreadId(text);
  if (id === null) throw new ThreadStoreError("invalid_request", `restore takes whole thread ids, found ${text}`);
  return id;
}

function linesOf({ home, restored, same, conflicts, damaged, leftOut }: RestoreResult): string[] {
  return [
    ...problemLines("damaged in the backup", damaged),
    ...problemLines("in the way of", conflicts),
    ...problemLines("left out", leftOut),
    `${restored.length} files restored to ${plainText(home)}, ${same} were there already, ${conflicts.length} conflicts`,
  ];
}

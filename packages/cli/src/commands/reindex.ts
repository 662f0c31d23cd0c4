import { reindexHome } from "@threadstore/local";
import type { Command } from "commander";
import { folderOf } from "../open-store.js";
import { printJson } from "../output/print-json.js";
import { progressBar } from "../output/progress-bar.js";

export function addReindex(program: Command): void {
  program
    .command("reindex")
    .description("Make the index of a home anew from its files, looking at every line.")
    .option("--json", "print one JSON document")
    .action(async (options: { json?: true }, command: Command) => {
      const home = folderOf(command);
      const progress = progressBar();
      const result = await reindexHome({ home, onProgress: progress.update });
      progress.stop();
      if (options.json) return printJson(result);
      const { files, threads, unreadable, indexPath } = result;
      const place = indexPath ?? "memory";
      process.stdout.write(`${threads} threads in ${files} files, ${unreadable} unreadable files; index in ${place}\n`);
    });
}

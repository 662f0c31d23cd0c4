import { reindexHome } from "@threadstore/local";
import { SingleBar } from "cli-progress";
import type { Command } from "commander";
import { folderOf } from "../open-store.js";
import { printJson } from "../output/print-json.js";

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

interface Progress {
  readonly update: (done: number, total: number) => void;
  readonly stop: () => void;
}

/** A bar on standard error, where there is a person to watch it. */
function progressBar(): Progress {
  if (!process.stderr.isTTY) return { update: () => {}, stop: () => {} };
  const bar = new SingleBar({ format: "{bar} {value}/{total} files, {eta}s left", stream: process.stderr });
  let isStarted = false;
  return {
    update: (done, total) => {
      if (!isStarted) bar.start(total, 0);
      isStarted = true;
      bar.update(done);
    },
    stop: () => {
      if (isStarted) bar.stop();
    },
  };
}

import { toApiThread } from "@threadstore/codex-wire";
import type { Command } from "commander";
import { findThread } from "../find-thread.js";
import { openStore } from "../open-store.js";
import { noteForCodex } from "../output/codex-note.js";
import { printJson } from "../output/print-json.js";

export function addArchive(program: Command): void {
  addMove(program, { verb: "archive", description: "Archive a thread: it leaves the lists and keeps its items." });
}

export function addUnarchive(program: Command): void {
  addMove(program, { verb: "unarchive", description: "Bring an archived thread back." });
}

function addMove(
  program: Command,
  { verb, description }: { verb: "archive" | "unarchive"; description: string },
): void {
  program
    .command(`${verb} <thread>`)
    .description(description)
    .option("--json", "print the thread as one JSON document")
    .action(async (wanted: string, options: { json?: true }, command: Command) => {
      await using store = await openStore(command);
      const { threadId } = await findThread(store, wanted);
      if (verb === "archive") await store.archiveThread({ threadId });
      else await store.unarchiveThread({ threadId });
      const thread = await store.readThread({ threadId, includeArchived: true });
      if (options.json) printJson(toApiThread(thread));
      else process.stdout.write(`${verb}d ${threadId}\n`);
      noteForCodex(verb, thread.historyMode);
    });
}

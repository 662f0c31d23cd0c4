import { toApiThread } from "@threadstore/codex-wire";
import { setThreadName, ThreadStoreError } from "@threadstore/core";
import type { Command } from "commander";
import { findThread } from "../find-thread.js";
import { openStore } from "../open-store.js";
import { noteForCodex } from "../output/codex-note.js";
import { plainText } from "../output/plain-text.js";
import { printJson } from "../output/print-json.js";

export function addName(program: Command): void {
  program
    .command("name <thread> [name]")
    .description("Name a thread, or take its name away.")
    .option("--clear", "take the name away")
    .option("--json", "print the thread as one JSON document")
    .action(
      async (wanted: string, name: string | undefined, options: { clear?: true; json?: true }, command: Command) => {
        if ((name === undefined) !== (options.clear === true)) {
          throw new ThreadStoreError("invalid_request", "give either a name or --clear");
        }
        await using store = await openStore(command);
        const { threadId } = await findThread(store, wanted);
        await setThreadName(store, { threadId, name: name ?? null });
        const thread = await store.readThread({ threadId, includeArchived: true });
        if (options.json) printJson(toApiThread(thread));
        else process.stdout.write(`${threadId} ${name === undefined ? "has no name" : `is "${plainText(name)}"`}\n`);
        noteForCodex("name", thread.historyMode);
      },
    );
}

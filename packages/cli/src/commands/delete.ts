import { createInterface } from "node:readline/promises";
import { type StoredThread, ThreadStoreError } from "@threadstore/core";
import type { Command } from "commander";
import { findThread } from "../find-thread.js";
import { openStore } from "../open-store.js";
import { noteForCodex } from "../output/codex-note.js";
import { printJson } from "../output/print-json.js";
import { titleOf } from "../output/thread-table.js";

export function addDelete(program: Command): void {
  program
    .command("delete <thread>")
    .description("Delete a thread with its items, for good. Asks first.")
    .option("--yes", "do not ask")
    .option("--json", "print one JSON document")
    .action(async (wanted: string, options: { yes?: true; json?: true }, command: Command) => {
      await using store = await openStore(command);
      const thread = await findThread(store, wanted);
      if (!options.yes) await confirm(thread);
      await store.deleteThread({ threadId: thread.threadId });
      if (options.json) printJson({ deleted: thread.threadId });
      else process.stdout.write(`deleted ${thread.threadId}\n`);
      noteForCodex("delete", thread.historyMode);
    });
}

/** Asks the person at the terminal. @throws `invalid_request` there is none, or the answer is no. */
async function confirm(thread: StoredThread): Promise<void> {
  if (!process.stdin.isTTY)
    throw new ThreadStoreError("invalid_request", "delete asks first: add --yes where nobody can answer");
  const question = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await question.question(`Delete ${thread.threadId} "${titleOf(thread)}" for good? [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new ThreadStoreError("invalid_request", "nothing was deleted");
  } finally {
    question.close();
  }
}

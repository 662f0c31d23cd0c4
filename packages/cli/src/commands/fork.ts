import { toApiThread } from "@threadstore/codex-wire";
import { newThreadId, type StoredThread, type ThreadStore } from "@threadstore/core";
import type { Command } from "commander";
import { findThread } from "../find-thread.js";
import { openStore } from "../open-store.js";
import { noteForCodex } from "../output/codex-note.js";
import { printJson } from "../output/print-json.js";
import { parseWholeNumber } from "../whole-number.js";
import { birthOf } from "./create.js";

interface ForkOptions {
  readonly at?: number;
  readonly id?: string;
  readonly name?: string;
  readonly json?: true;
}

export function addFork(program: Command): void {
  program
    .command("fork <thread>")
    .description("Fork a thread: a new one that begins with its items. Prints the new id.")
    .option("--at <ordinal>", "begin with the items before this ordinal (default: all)", parseWholeNumber)
    .option("--id <id>", "a UUID that no thread has (default: a new one)")
    .option("--name <name>", "name of the new thread")
    .option("--json", "print the new thread as one JSON document")
    .action(async (wanted: string, options: ForkOptions, command: Command) => {
      await using store = await openStore(command);
      const fork = await forkThread(store, await findThread(store, wanted), options);
      if (options.json) printJson(toApiThread(fork));
      else process.stdout.write(`${fork.threadId}\n`);
      noteForCodex("create", fork.historyMode);
    });
}

async function forkThread(store: ThreadStore, source: StoredThread, options: ForkOptions): Promise<StoredThread> {
  const threadId = options.id ?? newThreadId();
  const { cwd, modelProvider: provider, model } = source;
  const birth = birthOf({ cwd, provider, ...(model === undefined ? {} : { model }) });
  await store.createThread({
    threadId,
    metadata: { ...birth, source: source.source, ...(source.gitInfo ? { gitInfo: source.gitInfo } : {}) },
    fork: { from: source.threadId, ...(options.at === undefined ? {} : { endOrdinalExclusive: options.at }) },
  });
  await store.shutdownThread(threadId);
  if (options.name !== undefined) await store.updateThreadMetadata({ threadId, patch: { name: options.name } });
  return store.readThread({ threadId });
}

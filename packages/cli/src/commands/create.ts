import { resolve } from "node:path";
import { toApiThread } from "@threadstore/codex-wire";
import { type CreateThreadParams, type HistoryMode, newThreadId, type ThreadStore } from "@threadstore/core";
import { type Command, Option } from "commander";
import { collectGitInfo } from "../git/collect-git-info.js";
import { openStore } from "../open-store.js";
import { noteForCodex } from "../output/codex-note.js";
import { plainText } from "../output/plain-text.js";
import { printJson } from "../output/print-json.js";
import { packageVersion } from "../package-version.js";

interface CreateOptions {
  readonly id?: string;
  readonly history: HistoryMode;
  readonly cwd?: string;
  readonly source: "cli" | "vscode" | "exec";
  readonly provider: string;
  readonly model?: string;
  readonly name?: string;
  readonly git: boolean;
  readonly json?: true;
}

export function addCreate(program: Command): void {
  program
    .command("create")
    .description("Create a thread. It is there at once, also before anything is appended. Prints its id.")
    .option("--id <id>", "a UUID that no thread has (default: a new one)")
    .addOption(new Option("--history <mode>", "history mode").choices(["paginated", "legacy"]).default("paginated"))
    .option("--cwd <dir>", "the folder the thread works in (default: this one)")
    .addOption(new Option("--source <kind>", "who starts it").choices(["cli", "vscode", "exec"]).default("cli"))
    .option("--provider <name>", "model provider, as Codex's config.toml names it", "openai")
    .option("--model <name>", "model")
    .option("--name <name>", "name")
    .option("--no-git", "do not record what the folder's git repository is at")
    .option("--json", "print the thread as one JSON document")
    .action(async (options: CreateOptions, command: Command) => {
      await using store = await openStore(command);
      const threadId = await createThread(store, options);
      const thread = await store.readThread({ threadId });
      if (options.json) printJson(toApiThread(thread));
      else process.stdout.write(`${plainText(threadId)}\n`);
      noteForCodex("create", thread.historyMode);
    });
}

async function createThread(store: ThreadStore, options: CreateOptions): Promise<string> {
  const threadId = options.id ?? newThreadId();
  const birth = birthOf(options);
  const gitInfo = options.git && birth.cwd !== undefined ? await collectGitInfo(birth.cwd) : undefined;
  const metadata = { ...birth, ...(gitInfo ? { gitInfo } : {}) };
  await store.createThread({ threadId, historyMode: options.history, metadata });
  await store.persistThread(threadId);
  await store.shutdownThread(threadId);
  if (options.name !== undefined) await store.updateThreadMetadata({ threadId, patch: { name: options.name } });
  return threadId;
}

/** What a thread is born with when it is made on the command line. */
export function birthOf(options: {
  readonly cwd?: string;
  readonly source?: "cli" | "vscode" | "exec";
  readonly provider: string;
  readonly model?: string;
}): CreateThreadParams["metadata"] {
  return {
    cwd: resolve(options.cwd ?? process.cwd()),
    originator: "threadstore",
    cliVersion: packageVersion(),
    source: options.source ?? "cli",
    modelProvider: options.provider,
    ...(options.model === undefined ? {} : { model: options.model }),
  };
}

import { toApiThread } from "@threadstore/codex-wire";
import type { StoredThread, ThreadStore } from "@threadstore/core";
import type { Command } from "commander";
import colors from "picocolors";
import { findThread } from "../find-thread.js";
import { openStore } from "../open-store.js";
import { plainLines, plainText } from "../output/plain-text.js";
import { printJson } from "../output/print-json.js";
import { titleOf } from "../output/thread-table.js";
import { visibleMessages } from "../visible-messages.js";

export function addShow(program: Command): void {
  program
    .command("show <thread>")
    .description(
      "Show a thread: what is known of it, and its messages. THREAD is an id, its beginning, a name or a path.",
    )
    .option("--json", "print the thread as one JSON document")
    .action(async (wanted: string, options: { json?: true }, command: Command) => {
      await using store = openStore(command);
      const thread = await findThread(store, wanted);
      if (options.json) return printJson(toApiThread(thread));
      process.stdout.write(`${colors.bold(titleOf(thread))}\n${metadataLines(thread).join("\n")}\n`);
      await printMessages(store, thread);
    });
}

function metadataLines(thread: StoredThread): string[] {
  const { gitInfo } = thread;
  const git = [gitInfo?.branch, gitInfo?.commitHash?.slice(0, 12), gitInfo?.repositoryUrl].filter(Boolean).join(" ");
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["id", thread.threadId],
    ["created", thread.createdAt],
    ["updated", thread.updatedAt],
    ["archived", thread.archivedAt],
    ["folder", thread.cwd],
    ["git", git],
    ["model", [thread.modelProvider, thread.model, thread.reasoningEffort].filter(Boolean).join(" ")],
    ["source", typeof thread.source === "string" ? thread.source : JSON.stringify(thread.source)],
    ["agent", [thread.agentNickname, thread.agentRole, thread.agentPath].filter(Boolean).join(" ")],
    ["forked from", thread.forkedFromId],
    ["spawned by", thread.parentThreadId],
    ["attached to", thread.neighbour?.attachedToThreadId],
    ["section", thread.neighbour?.section?.name],
    ["history", thread.historyMode],
    ["file", thread.rolloutPath],
  ];
  return facts
    .filter(([, value]) => value)
    .map(([label, value]) => `${colors.dim(label.padEnd(12))} ${plainText(value ?? "")}`);
}

async function printMessages(store: ThreadStore, { threadId }: StoredThread): Promise<void> {
  let rejected = 0;
  for await (const batch of store.readHistory({ threadId, includeArchived: true })) {
    rejected += batch.rejected;
    for (const { speaker, text } of visibleMessages(batch.items)) {
      const label = speaker === "user" ? colors.green("user") : colors.magenta("agent");
      process.stdout.write(`\n${label}\n${plainLines(text)}\n`);
    }
  }
  if (rejected > 0) process.stderr.write(`${rejected} unreadable lines were passed over\n`);
}

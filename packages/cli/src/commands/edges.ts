import type { ThreadSpawnEdge } from "@threadstore/core";
import { type Command, Option } from "commander";
import { findThread } from "../find-thread.js";
import { openStore } from "../open-store.js";
import { noteForCodex } from "../output/codex-note.js";
import { printJson } from "../output/print-json.js";

interface EdgesOptions {
  readonly recursive?: true;
  readonly status?: "open" | "closed";
  readonly set?: string;
  readonly json?: true;
}

export function addEdges(program: Command): void {
  program
    .command("edges <thread>")
    .description("List the sub-agent threads that a thread spawned, or say that it spawned one.")
    .option("--recursive", "their sub-agents as well")
    .addOption(
      new Option("--status <status>", "only edges of this status; of --set the new one").choices(["open", "closed"]),
    )
    .option("--set <child>", "make this thread a sub-agent of the thread; it has one parent")
    .option("--json", "print one JSON document")
    .action(async (wanted: string, options: EdgesOptions, command: Command) => {
      await using store = await openStore(command);
      const { threadId, historyMode } = await findThread(store, wanted);
      if (options.set !== undefined) {
        const { threadId: childThreadId } = await findThread(store, options.set);
        await store.upsertThreadSpawnEdge({
          parentThreadId: threadId,
          childThreadId,
          status: options.status ?? "open",
        });
        noteForCodex("edge", historyMode);
      }
      const edges = await store.listThreadSpawnEdges({
        threadId,
        recursive: options.recursive ?? false,
        ...(options.status ? { status: options.status } : {}),
      });
      if (options.json) return printJson({ data: edges });
      process.stdout.write(edges.length > 0 ? edges.map(edgeLine).join("") : "no spawned threads\n");
    });
}

function edgeLine({ parentThreadId, childThreadId, status }: ThreadSpawnEdge): string {
  return `${parentThreadId} -> ${childThreadId}  ${status}\n`;
}

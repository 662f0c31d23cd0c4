import { toApiThread } from "@threadstore/codex-wire";
import type { StoredThread, ThreadStore } from "@threadstore/core";
import { type Command, Option } from "commander";
import { findThread } from "../find-thread.js";
import { findTurn } from "../find-turn.js";
import { followTranscript } from "../follow/follow-transcript.js";
import { StoreChanges } from "../follow/store-changes.js";
import { openStore } from "../open-store.js";
import { colors } from "../output/colors.js";
import { plainLines, plainText } from "../output/plain-text.js";
import { printJson } from "../output/print-json.js";
import { titleOf } from "../output/thread-table.js";
import { writeOut } from "../output/write-out.js";
import { TranscriptPrinter } from "../transcript/transcript-printer.js";
import { visibleMessages } from "../visible-messages.js";

interface ShowOptions {
  readonly at?: string;
  readonly full?: true;
  readonly follow?: true;
  readonly json?: true;
}

export function addShow(program: Command): void {
  program
    .command("show <thread>")
    .description("Show a thread: what is known of it, and its turns. THREAD is an id, its beginning, a name or a path.")
    .addOption(new Option("--at <turn>", "begin at this turn: its id, or the beginning of it").conflicts("json"))
    .option("--full", "print outputs, reasoning and diffs whole")
    .addOption(new Option("--follow", "go on with what is recorded, until interrupted").conflicts("json"))
    .option("--json", "print the thread as one JSON document, without its turns")
    .action(async (wanted: string, options: ShowOptions, command: Command) => {
      await using store = await openStore(command);
      const thread = await findThread(store, wanted);
      if (options.json) return printJson(toApiThread(thread));
      await showThread(store, thread, options);
    });
}

/** Prints what is known of a thread, and its turns. */
export async function showThread(store: ThreadStore, thread: StoredThread, options: ShowOptions): Promise<void> {
  const { threadId } = thread;
  const first = options.at === undefined ? {} : { firstTurnId: await findTurn(store, threadId, options.at) };
  await using changes = options.follow ? new StoreChanges(store) : null;
  await writeOut(`${colors.bold(titleOf(thread))}\n${metadataLines(thread).join("\n")}\n`);
  const style = { colors, isFull: options.full === true, isFollowed: changes !== null };
  const printer = new TranscriptPrinter(store, threadId, { ...style, ...first });
  await printer.print();
  await printRest(store, thread, { hasTurns: printer.turns > 0 });
  if (changes) await followTranscript(changes, { printer, threadId });
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

/**
 * What turns do not tell: lines that could not be read, which nobody should take for all there was, and the messages of
 * threads that others wrote in such a way that they have no turns.
 */
async function printRest(
  store: ThreadStore,
  { threadId }: StoredThread,
  { hasTurns }: { readonly hasTurns: boolean },
): Promise<void> {
  let rejected = 0;
  if (!hasTurns) await writeOut(`\n${colors.dim("no turns; history prints every recorded item")}\n`);
  for await (const batch of store.readHistory({ threadId, includeArchived: true })) {
    rejected += batch.rejected;
    for (const { speaker, text } of hasTurns ? [] : visibleMessages(batch.items)) {
      const label = speaker === "user" ? colors.green("user") : colors.magenta("agent");
      await writeOut(`\n${label}\n${plainLines(text)}\n`);
    }
  }
  if (rejected > 0) process.stderr.write(`${rejected} unreadable lines were passed over\n`);
}

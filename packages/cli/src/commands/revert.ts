import { LiveThread } from "@threadstore/core";
import { revertThread } from "@threadstore/runtime";
import type { Command } from "commander";
import { findThread } from "../find-thread.js";
import { findTurn } from "../find-turn.js";
import { openStore } from "../open-store.js";

export function addRevert(program: Command): void {
  program
    .command("revert <thread>")
    .description("Let a thread go on as if a turn, and what came after it, had not been. Nothing is erased.")
    .requiredOption("--before <turn>", "the id of the turn, or the beginning of it")
    .action(async (wanted: string, { before }: { readonly before: string }, command: Command) => {
      await using store = await openStore(command);
      const { threadId, historyMode } = await findThread(store, wanted);
      const beforeTurnId = await findTurn(store, threadId, before);
      const recorder = await LiveThread.resume(store, { threadId });
      try {
        await revertThread({ threadId, historyMode, store, recorder, beforeTurnId });
      } finally {
        await recorder.shutdown();
      }
    });
}

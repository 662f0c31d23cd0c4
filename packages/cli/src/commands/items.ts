import { type ApiItemEntry, type ApiItemPage, listApiItems } from "@threadstore/codex-wire";
import type { Command } from "commander";
import { findThread } from "../find-thread.js";
import { findTurn } from "../find-turn.js";
import { openStore } from "../open-store.js";
import { hintAtNextPage } from "../output/next-page.js";
import { plainTable, tableWidth } from "../output/plain-table.js";
import { plainText } from "../output/plain-text.js";
import { printJson } from "../output/print-json.js";
import { addPageOptions, type PageOptions, pageParamsOf } from "../page-options.js";
import { describeItem, firstLineOf } from "../transcript/describe-item.js";

interface ItemsOptions extends PageOptions {
  readonly turn?: string;
}

export function addItems(program: Command): void {
  const command = program
    .command("items <thread>")
    .description("List what happened in the turns of a thread: messages, commands, file changes; oldest first.")
    .option("--turn <id>", "only the items of this turn: its id, or the beginning of it");
  addPageOptions(command, { defaultOrder: "asc" }).action(
    async (wanted: string, options: ItemsOptions, action: Command) => {
      await using store = await openStore(action);
      const { threadId } = await findThread(store, wanted);
      // The API answers with no items for a turn that is not there; a person mistyped it.
      const turn = options.turn === undefined ? {} : { turnId: await findTurn(store, threadId, options.turn) };
      const page = await listApiItems(store, { threadId, ...turn, ...pageParamsOf(options) });
      if (options.json) printJson(page);
      else await printTable(page);
    },
  );
}

const FIXED = { turn: 15, type: 21 };

async function printTable({ data, nextCursor }: ApiItemPage): Promise<void> {
  const { turn, type } = FIXED;
  const columns = [
    { head: "TURN", width: turn },
    { head: "TYPE", width: type },
    { head: "TEXT", width: tableWidth() - turn - type },
  ];
  process.stdout.write(`${data.length > 0 ? await plainTable(columns, data.map(row)) : "no items"}\n`);
  hintAtNextPage(nextCursor);
}

function row({ turnId, item }: ApiItemEntry): string[] {
  const { title, text, outcome } = describeItem(item);
  const parts = [firstLineOf(title === "" ? text : title), plainText(outcome)];
  const short = parts.filter((part) => part !== "").join(" · ");
  return [plainText(turnId).slice(0, FIXED.turn - 2), plainText(item.type), short];
}

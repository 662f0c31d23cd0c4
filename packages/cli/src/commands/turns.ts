import { type ApiTurn, type ApiTurnPage, listApiTurns } from "@threadstore/codex-wire";
import type { TurnItemsView } from "@threadstore/core";
import { type Command, Option } from "commander";
import { findThread } from "../find-thread.js";
import { openStore } from "../open-store.js";
import { formatDuration } from "../output/duration.js";
import { hintAtNextPage } from "../output/next-page.js";
import { plainTable, tableWidth } from "../output/plain-table.js";
import { plainText } from "../output/plain-text.js";
import { printJson } from "../output/print-json.js";
import { addPageOptions, type PageOptions, pageParamsOf } from "../page-options.js";
import { describeItem, firstLineOf } from "../transcript/describe-item.js";
import { formatSeconds } from "../transcript/turn-heading.js";

interface TurnsOptions extends PageOptions {
  readonly view?: TurnItemsView;
}

export function addTurns(program: Command): void {
  const command = program
    .command("turns <thread>")
    .description("List the turns of a thread, newest first.")
    .addOption(
      new Option("--view <view>", "items of each turn (default: summary with --json, else full)").choices([
        "notLoaded",
        "summary",
        "full",
      ]),
    );
  addPageOptions(command, { defaultOrder: "desc" }).action(
    async (wanted: string, options: TurnsOptions, action: Command) => {
      await using store = await openStore(action);
      const { threadId } = await findThread(store, wanted);
      const itemsView = options.view ?? (options.json ? "summary" : "full");
      const page = await listApiTurns(store, { threadId, itemsView, ...pageParamsOf(options) });
      if (options.json) printJson(page);
      else await printTable(page, itemsView);
    },
  );
}

const FIXED = { id: 15, status: 12, started: 21, time: 12, items: 6 };

async function printTable({ data, nextCursor }: ApiTurnPage, view: TurnItemsView): Promise<void> {
  const { id, status, started, time, items } = FIXED;
  const columns = [
    { head: "ID", width: id },
    { head: "STATUS", width: status },
    { head: "STARTED", width: started },
    { head: "TIME", width: time },
    { head: "ITEMS", width: items, isNumber: true },
    { head: "MESSAGE", width: Math.max(tableWidth() - id - status - started - time - items, 20) },
  ];
  const text =
    data.length > 0
      ? await plainTable(
          columns,
          data.map((turn) => row(turn, view)),
        )
      : "no turns";
  process.stdout.write(`${text}\n`);
  hintAtNextPage(nextCursor);
}

/** What a view leaves out is not known, and not nothing. */
function row(turn: ApiTurn, view: TurnItemsView): string[] {
  return [
    plainText(turn.id).slice(0, FIXED.id - 2),
    turn.status,
    turn.startedAt === null ? "" : formatSeconds(turn.startedAt),
    turn.durationMs === null ? "" : formatDuration(turn.durationMs),
    view === "full" ? String(turn.items.length) : "-",
    view === "notLoaded" ? "-" : messageOf(turn),
  ];
}

function messageOf({ items }: ApiTurn): string {
  const message = items.find(({ type }) => type === "userMessage");
  return message ? firstLineOf(describeItem(message).text) : "";
}

import { asJsonObject, type HistoryBatch, type StoredItem, textField } from "@threadstore/core";
import type { Command } from "commander";
import { findThread } from "../find-thread.js";
import { openStore } from "../open-store.js";
import { colors } from "../output/colors.js";
import { plainText } from "../output/plain-text.js";
import { writeOut } from "../output/write-out.js";

export function addHistory(program: Command): void {
  program
    .command("history <thread>")
    .description("Print every item of a thread in replay order, inherited ones included.")
    .option("--json", "print one JSON document with the recorded items")
    .action(async (wanted: string, options: { json?: true }, command: Command) => {
      await using store = await openStore(command);
      const { threadId } = await findThread(store, wanted);
      const batches = store.readHistory({ threadId, includeArchived: true });
      await (options.json ? printJsonHistory(batches) : printItems(batches));
    });
}

/** Items are written as their recorded text, a batch at a time, so that a thread of any length fits. */
async function printJsonHistory(batches: AsyncIterable<HistoryBatch>): Promise<void> {
  let rejected = 0;
  let separator = "";
  await writeOut('{"data":[');
  for await (const batch of batches) {
    rejected += batch.rejected;
    let text = "";
    for (const item of batch.items) {
      text += `${separator}\n{"timestamp":"${item.timestamp}","ordinal":${item.ordinal},${item.json.slice(1)}`;
      separator = ",";
    }
    await writeOut(text);
  }
  await writeOut(`\n],"rejected":${rejected}}\n`);
}

async function printItems(batches: AsyncIterable<HistoryBatch>): Promise<void> {
  let rejected = 0;
  for await (const batch of batches) {
    rejected += batch.rejected;
    await writeOut(batch.items.map(itemLine).join(""));
  }
  if (rejected > 0) process.stderr.write(`${rejected} unreadable lines were passed over\n`);
}

function itemLine({ ordinal, timestamp, json, item }: StoredItem): string {
  const payload = asJsonObject(item.payload);
  const detail = payload ? (textField(payload, "type") ?? "") : "";
  const inner = payload
    ? (textField(asJsonObject(payload.item) ?? {}, "type") ?? textField(payload, "role") ?? "")
    : "";
  const kind = plainText([item.type, detail, inner].filter(Boolean).join(" "));
  return `${colors.dim(String(ordinal).padStart(7))} ${timestamp} ${kind} ${colors.dim(`${json.length}`)}\n`;
}

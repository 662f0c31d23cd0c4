import {
  type AppendResult,
  readRolloutLine,
  type ThreadId,
  type ThreadStore,
  ThreadStoreError,
} from "@threadstore/core";
import type { Command } from "commander";
import { findThread } from "../find-thread.js";
import { type InputLine, readInputLines } from "../input-lines.js";
import { openStore } from "../open-store.js";
import { noteForCodex } from "../output/codex-note.js";
import { parseWholeNumber } from "../whole-number.js";

interface AppendOptions {
  readonly key?: string;
  readonly expect?: number;
  readonly takeOver?: true;
}

export function addAppend(program: Command): void {
  program
    .command("append <thread>")
    .description(
      "Append items, one JSON object a line, from standard input. Each batch that is safe on the disk is answered by a line.",
    )
    .option("--key <key>", "take the whole input as one append, which is stored once however often it is repeated")
    .option("--expect <ordinal>", "append only when the first item gets this ordinal", parseWholeNumber)
    .option("--take-over", "take the thread from its present writer, when that is one of threadstore")
    .action(async (wanted: string, options: AppendOptions, command: Command) => {
      await using store = await openStore(command);
      const { threadId, historyMode } = await findThread(store, wanted);
      await store.resumeThread({ threadId, takeOver: options.takeOver ?? false });
      noteForCodex("append", historyMode);
      await appendInput(store, threadId, options);
      await store.shutdownThread(threadId);
    });
}

async function appendInput(store: ThreadStore, threadId: ThreadId, { key, expect }: AppendOptions): Promise<void> {
  let expectedOrdinal = expect;
  const batches = key === undefined ? readInputLines(process.stdin) : [await readAll()];
  for await (const lines of batches) {
    // What comes before a line that is no item is stored; the error says which line it is.
    const bad = lines.find(({ text }) => readRolloutLine(text) === null);
    const good = bad ? lines.filter(({ number }) => number < bad.number) : lines;
    if (bad && key !== undefined) throw notAnItem(bad);
    if (good.length > 0) {
      const result = await store.appendItems({
        threadId,
        items: good.map(({ text }) => ({ json: text })),
        ...(key === undefined ? {} : { idempotencyKey: key }),
        ...(expectedOrdinal === undefined ? {} : { expectedOrdinal }),
      });
      await store.flushThread(threadId);
      acknowledge(threadId, result);
      expectedOrdinal = undefined;
    }
    if (bad) throw notAnItem(bad);
  }
}

async function readAll(): Promise<readonly InputLine[]> {
  const all: InputLine[] = [];
  for await (const lines of readInputLines(process.stdin)) all.push(...lines);
  return all;
}

function notAnItem({ number }: InputLine): ThreadStoreError {
  return new ThreadStoreError("invalid_request", `line ${number} is not a JSON object with a "type"`);
}

function acknowledge(threadId: ThreadId, { firstOrdinal, nextOrdinal, dropped, repeated }: AppendResult): void {
  process.stdout.write(`${JSON.stringify({ threadId, firstOrdinal, nextOrdinal, dropped, repeated })}\n`);
}

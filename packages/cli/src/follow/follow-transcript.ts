import { isThreadStoreError, type StoreChange, type ThreadId } from "@threadstore/core";
import { colors } from "../output/colors.js";
import { writeOut } from "../output/write-out.js";
import type { TranscriptPrinter } from "../transcript/transcript-printer.js";
import type { StoreChanges } from "./store-changes.js";

/** Prints what is recorded of a thread as it is recorded, until it is interrupted or the thread is deleted. */
export async function followTranscript(
  changes: StoreChanges,
  { printer, threadId }: { readonly printer: TranscriptPrinter; readonly threadId: ThreadId },
): Promise<void> {
  for await (const change of changes) {
    if (change.threadId !== undefined && change.threadId !== threadId) continue;
    if (!(await printChange(printer, change))) {
      await writeOut(`\n${colors.yellow("the thread was deleted")}\n`);
      return;
    }
  }
}

/** False: the thread is gone. */
async function printChange(printer: TranscriptPrinter, { type }: StoreChange): Promise<boolean> {
  if (type === "deleted") return false;
  try {
    await printer.print();
    return true;
  } catch (error) {
    if (isThreadStoreError(error, "thread_not_found")) return false;
    throw error;
  }
}

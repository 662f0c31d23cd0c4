import { toApiThread } from "@threadstore/codex-wire";
import { isThreadStoreError, type StoreChange, type StoredThread, type ThreadStore } from "@threadstore/core";
import { isThreadListed, type ThreadFilter } from "@threadstore/core/driver";
import { colors } from "../output/colors.js";
import { titleOf } from "../output/thread-table.js";
import { writeOut } from "../output/write-out.js";
import { StoreChanges } from "./store-changes.js";

export interface ChangedThreadsOptions {
  /** Which threads are printed; whether they are archived does not matter. Deleted ones are always printed. */
  readonly filter: Omit<ThreadFilter, "archived">;
  readonly isJson: boolean;
}

/** Prints each thread that changes, a line each, until it is interrupted. */
export async function printChangedThreads(store: ThreadStore, options: ChangedThreadsOptions): Promise<void> {
  await using changes = new StoreChanges(store);
  for await (const change of changes) {
    const thread = await readChanged(store, change);
    if (thread !== undefined && isPrinted(thread, options)) {
      await writeOut(options.isJson ? jsonLine(change, thread) : textLine(change, thread));
    }
  }
}

/** Null: the change is about no thread, or one that is gone. Undefined: the thread is gone, which another change will tell. */
async function readChanged(store: ThreadStore, change: StoreChange): Promise<StoredThread | null | undefined> {
  const { type, threadId } = change;
  if (type === "deleted" || threadId === undefined) return null;
  try {
    return await store.readThread({ threadId, includeArchived: true });
  } catch (error) {
    if (isThreadStoreError(error, "thread_not_found")) return undefined;
    throw error;
  }
}

function isPrinted(thread: StoredThread | null, { filter }: ChangedThreadsOptions): boolean {
  return thread === null || isThreadListed({ thread }, { ...filter, archived: thread.archivedAt !== undefined });
}

function jsonLine(change: StoreChange, thread: StoredThread | null): string {
  return `${JSON.stringify({ ...change, thread: thread && toApiThread(thread) })}\n`;
}

const TYPE_WIDTH = "unarchived".length + 2;

function textLine({ type, threadId }: StoreChange, thread: StoredThread | null): string {
  if (threadId === undefined) return `${colors.yellow("lagged")}: more changed than could be told; list again\n`;
  const title = thread ? titleOf(thread) : "";
  return `${type.padEnd(TYPE_WIDTH)}${colors.cyan(threadId)}  ${title}`.trimEnd().concat("\n");
}

import { parseThreadId, type ThreadId } from "@threadstore/core";
import type { Command } from "commander";
import { findThread } from "./find-thread.js";
import { openStore } from "./open-store.js";

/** The threads a person means. A whole id is taken as it is: a damaged thread may be in no list. */
export async function threadIdsOf(threads: readonly string[], command: Command): Promise<ThreadId[]> {
  const ids: ThreadId[] = [];
  for (const wanted of threads) {
    const id = parseThreadId(wanted);
    if (id !== null) ids.push(id);
    else {
      await using store = await openStore(command);
      ids.push((await findThread(store, wanted)).threadId);
    }
  }
  return ids;
}

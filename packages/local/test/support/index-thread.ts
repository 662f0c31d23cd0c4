import type { ThreadId } from "@threadstore/core";
import type { FileSystem } from "@threadstore/local";
import { openLocalHome } from "../../src/local-home.js";
import { indexTurns } from "../../src/operations/index-turns.js";
import { locateThread } from "../../src/operations/locate-thread.js";

/** Brings the index of a thread's turns up to date, as a worker in the background does. */
export async function indexThread(home: string, threadId: ThreadId, files?: FileSystem): Promise<void> {
  const opened = openLocalHome({ home, ...(files ? { files } : {}) });
  try {
    await locateThread(opened, { threadId, includeArchived: true });
    const failed = await indexTurns(opened, [threadId]);
    if (failed.length > 0) throw new Error(`the turns of ${threadId} could not be indexed`);
  } finally {
    opened.index.close();
  }
}

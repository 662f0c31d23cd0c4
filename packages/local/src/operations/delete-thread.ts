import { dirname } from "node:path";
import type { ThreadParams } from "@threadstore/core";
import { conflict } from "@threadstore/core/driver";
import { childEdges } from "../index/edges.js";
import { heirOf } from "../index/heir-of.js";
import { appendKeysPath } from "../journal/append-keys.js";
import type { JournalRecord } from "../journal/thread-state.js";
import type { LocalHome } from "../local-home.js";
import { removeNames } from "../neighbour/session-index-writer.js";
import { type WholeThread, withWholeThread } from "./whole-thread.js";

/** Removes all files of a thread and what is known of it. @throws `conflict` another thread needs its items. */
export async function deleteThread(home: LocalHome, { threadId }: ThreadParams): Promise<void> {
  await withWholeThread(home, threadId, async (whole) => {
    const { children, heir } = await home.index.query(
      (index) => ({ children: childEdges(index, whole.threadId), heir: heirOf(index, whole) }),
      { threadId: whole.threadId, needsAll: true },
    );
    if (heir) throw conflict(`thread ${threadId} cannot be deleted: thread ${heir} shares its items`);
    await home.log.purge(whole.threadId);
    await removeFiles(home, whole);
    await removeNames(home, whole.threadId);
    home.files.removeFile(appendKeysPath(home.home, whole.threadId));
    const orphans = children.map((child): JournalRecord => {
      return { type: "edge", threadId: child.childThreadId, edge: null };
    });
    await home.journal.record(() => [{ type: "deleted", threadId: whole.threadId }, ...orphans]);
  });
}

/** The file that the history ends in goes first: what an interrupted deletion leaves is an earlier state of the thread. */
async function removeFiles({ home, files, names, isDurable }: LocalHome, { rollouts }: WholeThread): Promise<void> {
  const paths = [...rollouts].reverse().map(({ path }) => `${home}/${path}`);
  for (const path of paths) {
    files.removeFile(path);
    if (isDurable) await names.sync(dirname(path));
  }
}

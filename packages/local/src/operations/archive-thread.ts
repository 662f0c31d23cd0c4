import { dirname } from "node:path";
import { instantToMs, type StoredThread, type ThreadParams } from "@threadstore/core";
import { conflict, readClock, threadNotFound } from "@threadstore/core/driver";
import { isArchived } from "../index/choose-rollout.js";
import type { RolloutRow } from "../index/rollout-row.js";
import type { LocalHome } from "../local-home.js";
import { fileNameOf, plainPath } from "../rollout/rollout-name.js";
import { folderOfRollout } from "../rollout/rollout-path.js";
import { readThread } from "./read-thread.js";
import { withWholeThread } from "./whole-thread.js";

const ARCHIVE = "archived_sessions";

/**
 * Moves all files of a thread into the archive, the one its history ends in last: until that one has moved, the thread is
 * active and whole.
 */
export async function archiveThread(home: LocalHome, { threadId }: ThreadParams): Promise<void> {
  await withWholeThread(home, threadId, async (whole) => {
    if (isArchived(whole.rollout)) throw threadNotFound(threadId, `no active thread ${threadId}`);
    const moves = whole.rollouts
      .filter((row) => !isArchived(row))
      .map((row) => ({ from: row.path, to: `${ARCHIVE}/${fileNameOf(row.path)}` }));
    requireFree(home, moves);
    const archivedAt = readClock(home.clock);
    await home.journal.record(() => [{ type: "archived", threadId: whole.threadId, archivedAt }]);
    await moveFiles(home, moves);
  });
}

/** Moves all files of a thread back to the folders of their dates, the one its history ends in first. */
export async function unarchiveThread(home: LocalHome, { threadId }: ThreadParams): Promise<StoredThread> {
  await withWholeThread(home, threadId, async (whole) => {
    const { rollout, thread } = whole;
    if (!isArchived(rollout)) throw threadNotFound(threadId, `no archived thread ${threadId}`);
    const moves = [...whole.rollouts]
      .reverse()
      .filter(isArchived)
      .map((row) => ({ from: row.path, to: `${activeFolder(row)}/${fileNameOf(row.path)}` }));
    requireFree(home, moves);
    const now = instantToMs(readClock(home.clock));
    const rolloutName = fileNameOf(plainPath(rollout.path));
    const touched = { updatedAt: thread.updatedAt, rolloutName, rolloutBytes: rollout.scan.readTo };
    // Nothing is moved while nothing can be recorded.
    await home.journal.record(async () => {
      await moveFiles(home, moves);
      // The real Codex takes a file that was just brought back for one that was just used, and does not compress it.
      if (moves[0]) home.files.setModifiedTime(`${home.home}/${moves[0].to}`, now);
      return [{ type: "unarchived", threadId: whole.threadId, touched }];
    });
  });
  return readThread(home, { threadId });
}

interface Move {
  readonly from: string;
  readonly to: string;
}

/** The folder of a rollout's date; one whose name has none goes by its session_meta. */
function activeFolder(row: RolloutRow): string {
  const createdAt = row.scan.facts.meta?.createdAt ?? row.scan.facts.firstItemAt ?? "1970-01-01";
  return folderOfRollout(fileNameOf(row.path)) ?? `sessions/${createdAt.slice(0, 10).replaceAll("-", "/")}`;
}

/** Nothing is moved over a file that is there; what an interrupted move left in both places is not another file. */
function requireFree({ home, files }: LocalHome, moves: readonly Move[]): void {
  for (const { from, to } of moves) {
    const there = files.status(`${home}/${to}`);
    if (!there || there.inode === files.status(`${home}/${from}`)?.inode) continue;
    throw conflict(`${to} exists already: nothing was moved`);
  }
}

async function moveFiles({ home, files, names, isDurable }: LocalHome, moves: readonly Move[]): Promise<void> {
  for (const { from, to } of moves) {
    const folder = dirname(`${home}/${to}`);
    names.makeFolder(folder);
    if (!files.status(`${home}/${to}`)) files.linkFile(`${home}/${from}`, `${home}/${to}`);
    if (isDurable) await names.sync(folder);
    files.removeFile(`${home}/${from}`);
    if (isDurable) await names.sync(dirname(`${home}/${from}`));
  }
}

import type { StoredThread } from "@threadstore/core";
import type { FileSystem } from "../file-system/file-system.js";
import { findRolloutEnd } from "../rollout/rollout-end.js";
import type { ThreadMark } from "./thread-marks.js";

/**
 * The ordinal of the next item of a thread, where its last line tells it; undefined where the whole rollout would have to be
 * read, or nobody can read it any more.
 */
export function nextOrdinalOf(files: FileSystem, home: string, mark: ThreadMark): number | undefined {
  const { historyMode } = JSON.parse(mark.summary) as StoredThread;
  if (historyMode !== "paginated" || mark.path.endsWith(".zst")) return undefined;
  const file = files.openToRead(`${home}/${mark.path}`);
  try {
    return file ? findRolloutEnd(file, historyMode).nextOrdinal : undefined;
  } finally {
    file?.close();
  }
}

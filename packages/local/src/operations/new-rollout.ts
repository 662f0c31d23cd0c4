import { dirname } from "node:path";
import { formatRolloutLine, type HistoryMode, type Instant } from "@threadstore/core";
import { requireHome } from "../file-system/folders.js";
import type { LocalHome } from "../local-home.js";
import type { WriterLock } from "../locks/thread-locks.js";
import { type AppenderOptions, type LinesAt, RolloutAppender } from "../writer/rollout-appender.js";
import type { DeferredRollout } from "../writer/rollout-writer.js";

/** A rollout that is made when there is something to keep. */
export interface NewRollout {
  /** Relative to the home. */
  readonly path: string;
  readonly historyMode: HistoryMode;
  readonly lock: WriterLock;
  /** The ordinal of its session_meta. */
  readonly firstOrdinal: number;
  readonly metaJson: string;
  /** What the time of the session_meta's line is. */
  readonly now: () => Instant;
}

/** How to make a new rollout: its folders, its session_meta, and the first items in one write. */
export function deferRollout({ home, files, names }: LocalHome, rollout: NewRollout): DeferredRollout {
  const { historyMode, lock, firstOrdinal } = rollout;
  const path = `${home}/${rollout.path}`;
  let isRetry = false;
  return {
    path,
    firstOrdinal,
    create: (linesAfter) => {
      requireHome(files, home);
      names.makeFolder(dirname(path));
      const ordinal = historyMode === "paginated" ? firstOrdinal : undefined;
      const meta = formatRolloutLine({ timestamp: rollout.now(), ordinal, json: rollout.metaJson });
      const options = { files, path, historyMode, lock, isRetry };
      isRetry = true;
      return createAfter(options, { meta, firstOrdinal, linesAfter });
    },
  };
}

function createAfter(
  options: AppenderOptions & { readonly isRetry: boolean },
  { meta, firstOrdinal, linesAfter }: { meta: string; firstOrdinal: number; linesAfter: LinesAt },
): RolloutAppender {
  return RolloutAppender.create(options, () => {
    const place = { ordinal: firstOrdinal + 1, offset: Buffer.byteLength(meta) };
    const { lines, nextOrdinal } = linesAfter(place);
    return { lines: meta + lines, nextOrdinal };
  });
}

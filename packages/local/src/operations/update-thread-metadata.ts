import {
  type Instant,
  isEmptyPatch,
  type StoredThread,
  type ThreadId,
  type ThreadMetadataPatch,
  type UpdateThreadMetadataParams,
} from "@threadstore/core";
import { conflict, invalidRequest, readClock } from "@threadstore/core/driver";
import { catchUpJournal } from "../index/catch-up.js";
import { journalStateOf } from "../index/journal-threads.js";
import type { RolloutRow } from "../index/rollout-row.js";
import { neighbourOf } from "../index/thread-summary.js";
import type { SeenEdits, Touch } from "../journal/thread-state.js";
import type { LocalHome } from "../local-home.js";
import { recordName } from "../neighbour/session-index-writer.js";
import { fileNameOf, plainPath } from "../rollout/rollout-name.js";
import { appendMetaCopies } from "./append-meta-copies.js";
import { locateThread } from "./locate-thread.js";
import { readThread } from "./read-thread.js";

/** Records a patch in the metadata journal, and where the real Codex looks for the same. */
export async function updateThreadMetadata(home: LocalHome, p: UpdateThreadMetadataParams): Promise<StoredThread> {
  if (p.patch.rolloutPath !== undefined) {
    throw invalidRequest("a local store finds the rollouts of its threads itself: rolloutPath cannot be set");
  }
  materialize(home, p);
  const { rollout } = await locateThread(home, p);
  if (isEmptyPatch(p.patch)) return readThread(home, p);
  const threadId = rollout.threadId ?? p.threadId;
  const { updatedAt = readClock(home.clock), ...patch } = p.patch;
  await home.journal.record(async () => {
    const known = await readKnown(home, { threadId, patch });
    requireRevision(p, known.revision);
    const { name } = patch;
    if (name !== undefined) await recordName(home, { threadId, name: name ?? "", updatedAt: readClock(home.clock) });
    const touched = touchOf(home, { threadId, rollout, updatedAt });
    return [{ type: "patched", threadId, patch, touched, ...(known.seen ? { seen: known.seen } : {}) }];
  });
  if (rollout.scan.historyMode === "legacy") await appendMetaCopies(home, { threadId, rollout, patch });
  return readThread(home, p);
}

/** A live thread that nothing was written to yet has something to keep from here on. */
function materialize(home: LocalHome, p: UpdateThreadMetadataParams): void {
  const writer = home.live.get(p.threadId)?.writer;
  if (!writer || writer.written || isEmptyPatch(p.patch)) return;
  requireRevision(p, 0);
  writer.persist();
}

function requireRevision(p: UpdateThreadMetadataParams, revision: number): void {
  if (p.expectedRevision === undefined || p.expectedRevision === revision) return;
  throw conflict(`thread ${p.threadId} is at revision ${revision}, expected ${p.expectedRevision}`);
}

interface Known {
  readonly revision: number;
  readonly seen: SeenEdits | undefined;
}

/** What is known of a thread while nobody else can record anything. */
function readKnown(
  { files, home, index }: LocalHome,
  { threadId, patch }: { readonly threadId: ThreadId; readonly patch: ThreadMetadataPatch },
): Promise<Known> {
  const { gitInfo, memoryMode } = patch;
  return index.query(
    (database) => {
      catchUpJournal({ files, home, index: database });
      const neighbour = neighbourOf(database, threadId);
      const seen = {
        ...(gitInfo === undefined ? {} : { gitInfo: neighbour?.gitInfo ?? null }),
        ...(memoryMode === undefined ? {} : { memoryMode: neighbour?.memoryMode ?? null }),
      };
      const { revision = 0 } = journalStateOf(database, threadId);
      return { revision, seen: Object.keys(seen).length > 0 ? seen : undefined };
    },
    { asIs: true },
  );
}

/** The time of the patch, which holds until the rollout grows beyond where it is now. */
function touchOf(
  home: LocalHome,
  { threadId, rollout, updatedAt }: { threadId: ThreadId; rollout: RolloutRow; updatedAt: Instant },
): Touch {
  const written = home.live.get(threadId)?.writer.written;
  if (written) return { updatedAt, rolloutName: fileNameOf(written.path), rolloutBytes: written.size };
  return { updatedAt, rolloutName: fileNameOf(plainPath(rollout.path)), rolloutBytes: rollout.scan.readTo };
}

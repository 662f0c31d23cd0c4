import { asJsonObject, isThreadStoreError, type ThreadId, type ThreadMetadataPatch } from "@threadstore/core";
import { editedMetaJson } from "@threadstore/core/driver";
import type { RolloutRow } from "../index/rollout-row.js";
import type { LocalHome } from "../local-home.js";
import { openRollout } from "../rollout/open-rollout.js";
import { readItems } from "../rollout/read-items.js";
import { locateThread } from "./locate-thread.js";
import { closeLease } from "./open-lease.js";
import { resumeThread } from "./resume-thread.js";

export interface MetaEdit {
  readonly threadId: ThreadId;
  readonly rollout: RolloutRow;
  readonly patch: ThreadMetadataPatch;
}

/**
 * Appends what the real Codex appends to a legacy rollout when git info or the memory mode is edited: another copy of its
 * session_meta. It is for the real Codex alone, the metadata journal has the edit already; so a thread that another
 * process is writing goes without.
 */
export async function appendMetaCopies(home: LocalHome, edit: MetaEdit): Promise<void> {
  const items = await metaCopies(home, edit);
  if (items.length === 0) return;
  const live = home.live.get(edit.threadId);
  if (live) {
    await live.writer.append({ items });
    return;
  }
  try {
    const lease = await resumeThread(home, { threadId: edit.threadId, includeArchived: true });
    try {
      await lease.writer.append({ items });
      await lease.writer.flush();
    } finally {
      await closeLease(home, lease);
    }
  } catch (error) {
    if (!isThreadStoreError(error, "conflict")) throw error;
  }
}

async function metaCopies(home: LocalHome, { threadId, rollout, patch }: MetaEdit) {
  const { gitInfo, memoryMode } = patch;
  if (gitInfo === undefined && memoryMode === undefined) return [];
  const { thread } = await locateThread(home, { threadId, includeArchived: true });
  const meta = readMeta(home, rollout);
  const { commitHash, branch, repositoryUrl } = thread.gitInfo ?? {};
  const git = { commit_hash: commitHash, branch, repository_url: repositoryUrl };
  const memory_mode = thread.memoryMode ?? "enabled";
  return [
    ...(memoryMode === undefined ? [] : [{ json: editedMetaJson(meta, { memory_mode, git: undefined }) }]),
    ...(gitInfo === undefined ? [] : [{ json: editedMetaJson(meta, { memory_mode, git }) }]),
  ];
}

/** The payload of the session_meta that a rollout begins with. */
export function readMeta({ files, home }: LocalHome, rollout: RolloutRow): Readonly<Record<string, unknown>> {
  const file = openRollout(files, `${home}/${rollout.path}`);
  if (!file) return {};
  try {
    const range = { from: 0, end: Number.POSITIVE_INFINITY, batchBytes: 1 };
    for (const { items } of readItems(file, rollout.scan.historyMode, range)) {
      const meta = items.find(({ item }) => item.type === "session_meta");
      if (meta) return asJsonObject(meta.item.payload) ?? {};
    }
    return {};
  } finally {
    file.close();
  }
}

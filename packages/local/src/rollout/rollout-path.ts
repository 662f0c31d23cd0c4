import type { ThreadId } from "@threadstore/core";

/**
 * Where a new rollout lies, relative to its home. Folder and name say the time of the place where it was made, as the
 * real Codex has it; the records inside say UTC.
 */
export function newRolloutPath(nowMs: number, threadId: ThreadId, segmentId?: string): string {
  const now = new Date(nowMs);
  const [year, month, day] = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map(twoDigits);
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(twoDigits).join("-");
  const id = segmentId === undefined ? threadId : `${threadId}_${segmentId}`;
  return `sessions/${year}/${month}/${day}/rollout-${year}-${month}-${day}T${time}-${id}.jsonl`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}

/** The folder of an active rollout, by the date in its name; null when its name has none. */
export function folderOfRollout(fileName: string): string | null {
  const [, year, month, day] = /^rollout-(\d{4})-(\d\d)-(\d\d)T/.exec(fileName) ?? [];
  return year === undefined ? null : `sessions/${year}/${month}/${day}`;
}

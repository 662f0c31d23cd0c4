import { parseThreadId, type ThreadId } from "@threadstore/core";

/** What the name of a rollout file says. */
export interface RolloutName {
  /** The thread the name belongs to, when it holds a UUID. */
  readonly threadId?: ThreadId;
  /** The rollout: a segment of a reverted thread has an id of its own, any other rollout that of its thread. */
  readonly rolloutId?: string;
  readonly isCompressed: boolean;
}

const UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}";
const IDS = new RegExp(`(${UUID})(?:_(${UUID}))?$`);
const SUFFIX = /\.jsonl(\.zst)?$/;

/** Whether a path ends as rollouts do. Asked of every file of a home on every call. */
export function hasRolloutSuffix(path: string): boolean {
  return path.endsWith(".jsonl") || path.endsWith(".jsonl.zst");
}

/** Reads the name of a file that may be a rollout; null when it is none. Temporary files never are. */
export function parseRolloutName(fileName: string): RolloutName | null {
  const suffix = SUFFIX.exec(fileName);
  if (!suffix) return null;
  const isCompressed = suffix[1] !== undefined;
  const ids = IDS.exec(fileName.slice(0, suffix.index));
  const threadId = ids && parseThreadId(ids[1] as string);
  if (!ids || !threadId) return { isCompressed };
  return { threadId, rolloutId: ids[2]?.toLowerCase() ?? threadId, isCompressed };
}

/** The path under which a rollout is known, whether or not it lies compressed. */
export function plainPath(path: string): string {
  return path.endsWith(".zst") ? path.slice(0, -".zst".length) : path;
}

export function fileNameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

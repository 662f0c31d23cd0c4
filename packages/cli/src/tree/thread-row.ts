import { type Instant, type SourceKind, type StoredThread, sourceKindOf, type ThreadId } from "@threadstore/core";
import { shorten } from "../output/shorten.js";

/** Room for a line of any terminal: every thread of a home is held at once, so a row is small. */
const TEXT_MAX_CHARACTERS = 200;

/** What a tree shows of a thread; texts are shortened. */
export interface ThreadRow {
  readonly threadId: ThreadId;
  readonly parentThreadId?: ThreadId;
  readonly forkedFromId?: ThreadId;
  readonly name?: string;
  readonly preview: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly isArchived: boolean;
  readonly sourceKind: SourceKind;
  readonly agentNickname?: string;
  readonly agentRole?: string;
  readonly agentPath?: string;
}

export function rowOf(thread: StoredThread): ThreadRow {
  const { threadId, parentThreadId, forkedFromId, createdAt, updatedAt } = thread;
  return {
    threadId,
    ...(parentThreadId === undefined ? {} : { parentThreadId }),
    ...(forkedFromId === undefined ? {} : { forkedFromId }),
    ...shortTexts(thread),
    preview: shorten(thread.preview, TEXT_MAX_CHARACTERS),
    createdAt,
    updatedAt,
    isArchived: thread.archivedAt !== undefined,
    sourceKind: sourceKindOf(thread.source),
  };
}

function shortTexts(thread: StoredThread): Pick<ThreadRow, (typeof TEXTS)[number]> {
  const texts = TEXTS.map((key) => [key, thread[key]] as const);
  return Object.fromEntries(
    texts.flatMap(([key, text]) => (text === undefined ? [] : [[key, shorten(text, TEXT_MAX_CHARACTERS)]])),
  );
}

const TEXTS = ["name", "agentNickname", "agentRole", "agentPath"] as const;

import { toApiThreadItem } from "@threadstore/codex-wire";
import type { Page, StoredTurn, StoredTurnItem, ThreadId, ThreadStore } from "@threadstore/core";
import { plainLines } from "../output/plain-text.js";
import { writeOut } from "../output/write-out.js";
import { formatItem, type TranscriptStyle } from "./format-item.js";
import { turnEnding, turnHeading } from "./turn-heading.js";

const TURNS_AT_ONCE = 100;
/** Items may be pictures of megabytes: few at a time are held. */
const ITEMS_AT_ONCE = 25;

/** Prints the turns of a thread, oldest first, as they are read: no more than a page of items is held. Returns how many. */
export async function printTranscript(
  store: ThreadStore,
  threadId: ThreadId,
  style: TranscriptStyle,
): Promise<{ readonly turns: number }> {
  let turns = 0;
  for await (const turn of turnsOf(store, threadId)) await printTurn(store, { threadId, turn, number: ++turns }, style);
  return { turns };
}

interface NumberedTurn {
  readonly threadId: ThreadId;
  readonly turn: StoredTurn;
  readonly number: number;
}

async function printTurn(
  store: ThreadStore,
  { threadId, turn, number }: NumberedTurn,
  style: TranscriptStyle,
): Promise<void> {
  const { colors } = style;
  await writeOut(`\n${colors.bold(`── ${turnHeading(turn, number)} ──`)}\n`);
  for await (const item of itemsOf(store, threadId, turn)) {
    await writeOut(`\n${formatItem(toApiThreadItem(item), style)}`);
  }
  const ending = turnEnding(turn);
  if (ending === null) return;
  const color = turn.status === "failed" ? colors.red : colors.yellow;
  await writeOut(`\n${plainLines(ending).split("\n").map(color).join("\n")}\n`);
}

async function* turnsOf(store: ThreadStore, threadId: ThreadId): AsyncGenerator<StoredTurn> {
  const query = { threadId, includeArchived: true, sortDirection: "asc", pageSize: TURNS_AT_ONCE } as const;
  let cursor: string | null = null;
  do {
    const page: Page<StoredTurn> = await store.listTurns({
      ...query,
      itemsView: "notLoaded",
      ...(cursor === null ? {} : { cursor }),
    });
    yield* page.data;
    cursor = page.nextCursor;
  } while (cursor !== null);
}

async function* itemsOf(
  store: ThreadStore,
  threadId: ThreadId,
  { turnId }: StoredTurn,
): AsyncGenerator<StoredTurnItem> {
  const query = { threadId, turnId, includeArchived: true, pageSize: ITEMS_AT_ONCE } as const;
  let cursor: string | null = null;
  do {
    const page: Page<StoredTurnItem> = await store.listItems({ ...query, ...(cursor === null ? {} : { cursor }) });
    yield* page.data;
    cursor = page.nextCursor;
  } while (cursor !== null);
}

import { toApiThreadItem } from "@threadstore/codex-wire";
import {
  encodeOrdinalCursor,
  type OrdinalPosition,
  type Page,
  type StoredTurn,
  type StoredTurnItem,
  type ThreadId,
  type ThreadStore,
} from "@threadstore/core";
import { plainLines } from "../output/plain-text.js";
import { writeOut } from "../output/write-out.js";
import { formatItem, type TranscriptStyle } from "./format-item.js";
import { turnEnding, turnHeading } from "./turn-heading.js";

const TURNS_AT_ONCE = 100;
/** Items may be pictures of megabytes: few at a time are held. */
const ITEMS_AT_ONCE = 25;

export interface TranscriptPrinterOptions extends TranscriptStyle {
  /** It is printed again when more is recorded, so that a turn without an end may still get one. */
  readonly isFollowed: boolean;
  /** Default: the first turn of the thread. */
  readonly firstTurnId?: string;
}

/** What was printed of the last turn. */
interface OpenTurn {
  readonly turnId: string;
  readonly items: Map<string, string>;
  ending: string | null;
}

/**
 * Prints the turns of a thread, oldest first, as they are read: no more than a page of items is held. When it is followed, the
 * text of the last turn is held too, and printing again goes on from there.
 */
export class TranscriptPrinter {
  readonly #store: ThreadStore;
  readonly #threadId: ThreadId;
  readonly #style: TranscriptStyle;
  readonly #isFollowed: boolean;
  readonly #printed: StoredTurn[] = [];
  #open: OpenTurn | undefined;
  /** The turn to begin at; null once it was reached. */
  #firstTurnId: string | null;

  constructor(store: ThreadStore, threadId: ThreadId, options: TranscriptPrinterOptions) {
    this.#store = store;
    this.#threadId = threadId;
    this.#style = options;
    this.#isFollowed = options.isFollowed;
    this.#firstTurnId = options.firstTurnId ?? null;
  }

  /** How many turns were printed, or passed over before the first one, that are still there. */
  get turns(): number {
    return this.#printed.length;
  }

  /** Prints what was recorded since the last time. */
  async print(): Promise<void> {
    await this.#dropRevertedTurns();
    for await (const turn of this.#turnsFrom(this.#place())) {
      if (await this.#isBeforeFirst(turn)) this.#printed.push(turn);
      else await this.#printTurn(turn);
    }
  }

  /** What comes before the first turn is counted, so that the others have the numbers they always have. */
  async #isBeforeFirst({ turnId }: StoredTurn): Promise<boolean> {
    if (this.#firstTurnId === null) return false;
    if (this.#firstTurnId !== turnId) return true;
    this.#firstTurnId = null;
    const count = this.#printed.length;
    const note = `${count} earlier ${count === 1 ? "turn is" : "turns are"} left out`;
    if (count > 0) await writeOut(`\n${this.#style.colors.dim(note)}\n`);
    return false;
  }

  /** A thread that goes on from an earlier turn no longer has those after it. */
  async #dropRevertedTurns(): Promise<void> {
    const before = this.#printed.length;
    for (let last = this.#printed.at(-1); last; last = this.#printed.at(-1)) {
      const page = await this.#page(placeOf(last, { inclusive: true }), 1);
      if (page.data[0]?.turnId === last.turnId) break;
      this.#printed.pop();
      this.#open = undefined;
    }
    if (this.#printed.length === before) return;
    const { yellow } = this.#style.colors;
    await writeOut(`\n${yellow(`the thread went back to the end of turn ${this.#printed.length}`)}\n`);
  }

  async #printTurn(turn: StoredTurn): Promise<void> {
    const { colors } = this.#style;
    if (this.#open?.turnId !== turn.turnId) {
      this.#open = { turnId: turn.turnId, items: new Map(), ending: null };
      this.#printed.push(turn);
      await writeOut(`\n${colors.bold(`── ${turnHeading(turn, this.#printed.length)} ──`)}\n`);
    }
    const open = this.#open;
    for await (const item of this.#itemsOf(turn)) await this.#printItem(item, open);
    const ending = this.#isFollowed && turn.status === "inProgress" ? null : turnEnding(turn);
    if (ending === null || ending === open.ending) return;
    open.ending = ending;
    const color = turn.status === "failed" ? colors.red : colors.yellow;
    await writeOut(`\n${plainLines(ending).split("\n").map(color).join("\n")}\n`);
  }

  /** An item that says more than before is printed again. */
  async #printItem(item: StoredTurnItem, { items }: OpenTurn): Promise<void> {
    const text = formatItem(toApiThreadItem(item), this.#style);
    if (items.get(item.itemId) === text) return;
    if (this.#isFollowed) items.set(item.itemId, text);
    await writeOut(`\n${text}`);
  }

  /** Where to go on: at the last turn, which may have grown, or after one whose text is not held. */
  #place(): OrdinalPosition | null {
    const last = this.#printed.at(-1);
    return last ? placeOf(last, { inclusive: this.#open !== undefined }) : null;
  }

  async *#turnsFrom(place: OrdinalPosition | null): AsyncGenerator<StoredTurn> {
    let page = await this.#page(place, TURNS_AT_ONCE);
    for (;;) {
      yield* page.data;
      if (page.nextCursor === null) return;
      page = await this.#page(page.nextCursor, TURNS_AT_ONCE);
    }
  }

  #page(from: OrdinalPosition | string | null, pageSize: number): Promise<Page<StoredTurn>> {
    const threadId = this.#threadId;
    const cursor = typeof from === "object" && from ? encodeOrdinalCursor({ threadId, kind: "turns" }, from) : from;
    return this.#store.listTurns({
      threadId,
      includeArchived: true,
      sortDirection: "asc",
      pageSize,
      itemsView: "notLoaded",
      ...(cursor === null ? {} : { cursor }),
    });
  }

  async *#itemsOf({ turnId }: StoredTurn): AsyncGenerator<StoredTurnItem> {
    const query = { threadId: this.#threadId, turnId, includeArchived: true, pageSize: ITEMS_AT_ONCE } as const;
    let cursor: string | null = null;
    do {
      const page: Page<StoredTurnItem> = await this.#store.listItems({
        ...query,
        ...(cursor === null ? {} : { cursor }),
      });
      yield* page.data;
      cursor = page.nextCursor;
    } while (cursor !== null);
  }
}

function placeOf(
  { firstOrdinal, turnId }: StoredTurn,
  { inclusive }: { readonly inclusive: boolean },
): OrdinalPosition {
  return { ordinal: firstOrdinal, id: turnId, inclusive };
}

import { DEFAULT_LIMITS, type ListTurnsParams, type Page, type StoredTurn } from "@threadstore/core";
import {
  anchorGone,
  cutPage,
  decodeOrdinalCursor,
  isAtOrBeyond,
  type OrdinalAnchor,
  viewTurn,
} from "@threadstore/core/driver";
import type { LocalHome } from "../local-home.js";
import type { HistoryFiles } from "../turns/history-files.js";
import { readRecentTurns } from "../turns/recent-turns.js";
import type { FoldedThread } from "../turns/stored-fold.js";
import { findTurnRow, turnRowsOf } from "../turns/turn-rows.js";
import { type IndexedTurns, withTurns } from "./thread-turns.js";

/**
 * A page of a thread's turns. The last turns of a history that was never indexed are read from its end; for others it is
 * indexed first.
 */
export function listTurns(home: LocalHome, p: ListTurnsParams): Promise<Page<StoredTurn>> {
  const request = new TurnPage(p);
  return withTurns(home, p, {
    isContinued: p.cursor !== undefined,
    fromTail: (files, thread) => {
      const page = request.fromTail(files, thread);
      // Whoever goes on to older pages finds them in the index.
      if (page?.nextCursor != null) home.background.request(thread.threadId);
      return page;
    },
    fromIndex: (turns) => request.fromIndex(turns),
  });
}

const placeOf = ({ firstOrdinal, turnId }: StoredTurn) => ({ ordinal: firstOrdinal, id: turnId });

class TurnPage {
  readonly #scope;
  readonly #position;
  readonly #direction;
  readonly #itemsView;
  readonly #pageSize;

  constructor(p: ListTurnsParams) {
    this.#scope = { threadId: p.threadId, kind: "turns" } as const;
    this.#position = p.cursor === undefined ? null : decodeOrdinalCursor(this.#scope, p.cursor);
    this.#direction = p.sortDirection ?? "desc";
    this.#itemsView = p.itemsView ?? "summary";
    this.#pageSize = p.pageSize ?? DEFAULT_LIMITS.pageDefaultItems;
  }

  fromTail(files: HistoryFiles, thread: FoldedThread): Page<StoredTurn> | null {
    const anchor = this.#position;
    if (this.#direction === "asc" || (anchor && anchor.ordinal === undefined)) return null;
    const turns = readRecentTurns(files, thread, { anchor, count: this.#pageSize + 1 });
    const wanted = turns?.filter((turn) => !anchor || isAtOrBeyond(placeOf(turn), anchor, "desc"));
    return wanted ? this.#cut(wanted.toReversed().map((turn) => viewTurn(turn, this.#itemsView))) : null;
  }

  fromIndex(turns: IndexedTurns): Page<StoredTurn> {
    const rows = turnRowsOf(turns.index, {
      fold: turns.fold,
      direction: this.#direction,
      limit: this.#pageSize + 1,
      anchor: this.#anchorIn(turns),
    });
    const isShown = (_row: unknown, at: number) => at < this.#pageSize;
    const shown = rows.filter(isShown).map((row) => turns.reader.turn(row, this.#itemsView));
    return cutPage(shown, { scope: this.#scope, placeOf, hasMore: rows.length > this.#pageSize });
  }

  #anchorIn({ index, fold }: IndexedTurns): OrdinalAnchor | null {
    const position = this.#position;
    if (position === null || position.ordinal !== undefined) return position;
    const row = findTurnRow(index, { fold, turnId: position.id });
    if (!row) throw anchorGone(position.id);
    return { ordinal: row.header.firstOrdinal, id: position.id, inclusive: position.inclusive };
  }

  #cut(turns: readonly StoredTurn[]): Page<StoredTurn> {
    const data = turns.slice(0, this.#pageSize);
    return cutPage(data, { scope: this.#scope, placeOf, hasMore: turns.length > this.#pageSize });
  }
}

// What the author of a store needs; callers of a store import the package itself.

export { ChangeFeed, type ChangeFeedOptions, type WatchOptions } from "./driver/change-feed.js";
export type { ChangeSubscription, ThreadChange } from "./driver/change-subscription.js";
export { defineThreadStore, type Operation, type ThreadStoreOptions } from "./driver/define-thread-store.js";
export { historyBatches } from "./driver/history-batches.js";
export { anchorGone, decodeOrdinalCursor } from "./driver/ordinal-cursor.js";
export { cutPage, isAtOrBeyond, type OrdinalAnchor, type OrdinalPlace } from "./driver/ordinal-pages.js";
export { readClock } from "./driver/read-clock.js";
export {
  type FoundThread,
  foundValue,
  type ItemSearchQuery,
  type SearchGroup,
  type SearchOrder,
  type SearchSortKey,
  type ThreadSearchPage,
  type ThreadSearchQuery,
} from "./driver/search-group.js";
export {
  editedMetaJson,
  multiAgentVersionOf,
  type RevertContext,
  revertedMetaJson,
  type SessionMetaContext,
  sessionMetaJson,
} from "./driver/session-meta-item.js";
export { type ChildEdges, edgesBelow, findByAgentPath, relatedThreads } from "./driver/spawn-edges.js";
export type { ListDefaults } from "./driver/thread-list-query.js";
export type {
  ChangeGroup,
  DriverAppend,
  DriverAppendResult,
  EdgeGroup,
  HistoryQuery,
  Lease,
  PathGroup,
  RevertGroup,
  ThreadCatalog,
  ThreadListPage,
  ThreadListQuery,
  ThreadLog,
  ThreadStoreDriver,
  TurnGroup,
} from "./driver/thread-store-driver.js";
export {
  bornFacts,
  type FoldedItem,
  factsOfItem,
  foldFacts,
  inheritedFacts,
  METADATA_EVENTS,
  METADATA_KINDS,
  type MetadataFacts,
  type ModelFacts,
  mergeFacts,
  NO_FACTS,
  type SessionFacts,
  type TextAt,
} from "./fold/metadata.js";
export { RecentTurns } from "./fold/recent-turns.js";
export { patchedTitle, type SummarySources, summarizeThread } from "./fold/summary.js";
export { MemoryTurnBook, type TurnBook, type TurnHeader } from "./fold/turn-book.js";
export { type ItemRole, roleOf, summaryPlaces, viewTurn } from "./fold/turn-view.js";
export {
  foldIntoTurns,
  itemIdOf,
  newTurnFold,
  ownHistoryStart,
  TURN_EVENTS,
  TURN_KINDS,
  type TurnFoldState,
} from "./fold/turns.js";
export { historyModeOf } from "./protocol/history-mode.js";
export {
  comparableFolder,
  foldCase,
  isThreadListed,
  listedKinds,
  searchText,
  showsUnvisited,
  type ThreadFilter,
} from "./rules/thread-filter.js";
export {
  comparePlaces,
  compareThreads,
  isFromPosition,
  isPlaceFrom,
  sectionValue,
  sortValue,
  type ThreadOrder,
  type ThreadPosition,
} from "./rules/thread-order.js";
export { findMatches, holdsTerm } from "./search/find-matches.js";
export { foldText } from "./search/folded-text.js";
export { searchableTexts, type TextScope } from "./search/searchable-texts.js";
export {
  conflict,
  internal,
  invalidRequest,
  resourceExhausted,
  threadArchived,
  threadNotFound,
  unavailable,
  unsupported,
} from "./store/errors.js";

export { type ApiThread, toApiThread } from "./api-thread.js";
export { type ApiTurn, type ApiTurnError, toApiTurn } from "./api-turn.js";
export { type ApiItemEntry, toApiItemEntry } from "./item-entry.js";
export { type ApiItemListParams, type ApiItemPage, listApiItems } from "./item-list.js";
export { type ApiItemReadParams, readApiItems } from "./item-read.js";
export type { ApiSortKey } from "./list-cursor.js";
export {
  type ApiOccurrence,
  type ApiOccurrencePage,
  type ApiOccurrenceSearchParams,
  searchApiOccurrences,
} from "./occurrence-search.js";
export type { ApiOutputDeferral } from "./output-deferral.js";
export { type ApiThreadItem, toApiThreadItem } from "./thread-item.js";
export { type ApiThreadListParams, type ApiThreadPage, listApiThreads } from "./thread-list.js";
export { type ApiThreadReadParams, readApiThread } from "./thread-read.js";
export {
  type ApiThreadSearchHit,
  type ApiThreadSearchPage,
  type ApiThreadSearchParams,
  searchApiThreads,
} from "./thread-search.js";
export { type ApiTimelinePage, type ApiTimelineParams, listApiTimeline } from "./timeline.js";
export type {
  ApiTimelineEntry,
  ApiTimelineItem,
  ApiTurnCompleted,
  ApiTurnStarted,
} from "./timeline-entry.js";
export { type ApiTurnListParams, type ApiTurnPage, listApiTurns } from "./turn-list.js";
export { InvalidParamsError } from "./wire-errors.js";

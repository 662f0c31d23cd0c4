export { type ApiThread, toApiThread } from "./api-thread.js";
export { type ApiTurn, type ApiTurnError, toApiTurn } from "./api-turn.js";
export type { ApiSortKey } from "./list-cursor.js";
export { type ApiThreadItem, toApiThreadItem } from "./thread-item.js";
export { type ApiThreadListParams, type ApiThreadPage, listApiThreads } from "./thread-list.js";

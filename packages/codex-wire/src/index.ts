export { type ApiThread, toApiThread } from "./api-thread.js";
export type { ApiSortKey } from "./list-cursor.js";
export { type ApiThreadListParams, type ApiThreadPage, listApiThreads } from "./thread-list.js";

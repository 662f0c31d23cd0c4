import { sortValue } from "../rules/thread-order.js";
import type { StoreLimits } from "../store/limits.js";
import type { CallOptions, ListThreadsParams } from "../store/params.js";
import type { Page, StoredThread } from "../store/records.js";
import { encodeThreadCursor } from "./cursor-codec.js";
import { type ListDefaults, threadListQuery } from "./thread-list-query.js";
import type { ThreadCatalog } from "./thread-store-driver.js";

export interface ThreadPageRequest {
  readonly params: ListThreadsParams;
  readonly limits: StoreLimits;
  readonly defaults: ListDefaults;
  readonly options: CallOptions;
}

/** One page of threads with its cursors. */
export async function listThreadPage(
  driver: Pick<ThreadCatalog, "listThreads">,
  { params, limits, defaults, options }: ThreadPageRequest,
): Promise<Page<StoredThread>> {
  const query = threadListQuery(params, { limits, defaults });
  const { threads, more, scanned } = await driver.listThreads(query, options);
  const cursorOf = (thread: StoredThread | undefined, inclusive: boolean) => {
    if (thread === undefined) return null;
    const value = sortValue(thread, query.order.key);
    return encodeThreadCursor(params, { value, threadId: thread.threadId, inclusive });
  };
  return {
    data: threads,
    nextCursor: more ? cursorOf(threads.at(-1), false) : null,
    backwardsCursor: cursorOf(threads[0], true),
    ...(scanned === undefined ? {} : { scanned }),
  };
}

import type { CallOptions, FindThreadByNameParams, ListThreadsParams } from "../store/params.js";
import type { Page, StoredThread } from "../store/records.js";

type ListThreads = (params: ListThreadsParams, options: CallOptions) => Promise<Page<StoredThread>>;

/** Finds a thread by its exact name through lists: the newest by `updatedAt`, then by id. */
export async function findByName(
  list: ListThreads,
  params: FindThreadByNameParams,
  options: CallOptions,
): Promise<StoredThread | null> {
  if (params.name.trim() === "") return null;
  const active = await newestOfName(list, params, { archived: false, options });
  if (!params.includeArchived) return active;
  const archived = await newestOfName(list, params, { archived: true, options });
  if (!active || !archived) return active ?? archived;
  const isArchivedNewer =
    archived.updatedAt === active.updatedAt
      ? archived.threadId > active.threadId
      : archived.updatedAt > active.updatedAt;
  return isArchivedNewer ? archived : active;
}

async function newestOfName(
  list: ListThreads,
  { name, cwd, sources, modelProviders }: FindThreadByNameParams,
  { archived, options }: { archived: boolean; options: CallOptions },
): Promise<StoredThread | null> {
  const query: ListThreadsParams = {
    searchTerm: name,
    archived,
    sortKey: "updatedAt",
    pageSize: LOOKUP_PAGE_ITEMS,
    ...(cwd === undefined ? {} : { cwds: [cwd] }),
    ...(sources === undefined ? {} : { sources }),
    ...(modelProviders === undefined ? {} : { modelProviders }),
  };
  let cursor: string | null = null;
  do {
    const page: Page<StoredThread> = await list(cursor === null ? query : { ...query, cursor }, options);
    const hit = page.data.find((thread) => thread.name === name);
    if (hit) return hit;
    cursor = page.nextCursor;
  } while (cursor !== null);
  return null;
}

/** Names are rarely shared: one page nearly always holds the answer. */
const LOOKUP_PAGE_ITEMS = 100;

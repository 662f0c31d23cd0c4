import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  DEFAULT_LIMITS,
  encodeThreadCursor,
  type ListThreadsParams,
  type Page,
  type SessionSource,
  SOURCE_KINDS,
  type SourceKind,
  type StoredThread,
  sourceKindOf,
  type ThreadStore,
} from "@threadstore/core";
import {
  type ListThreadsRequest,
  type ListThreadsResponseSchema,
  SessionSourceKind,
  SortDirection,
  ThreadSortKey,
} from "../gen/codex/thread_store/v1/thread_store_pb.js";
import { readSource, sourceMessage } from "./session-source.js";
import { threadMessage, wholeThread } from "./thread-message.js";
import { positionOfTime } from "./time-cursor.js";

const KINDS: ReadonlySet<SessionSourceKind> = new Set(Object.values(SessionSourceKind));

/** Kinds by themselves: `subAgent` stands for several of them. */
const EVERY_KIND = SOURCE_KINDS.filter((kind) => kind !== "subAgent");

/** Answers a list of the real Codex from any store. @throws `invalid_request` a bad cursor. */
export async function listForCodex(
  store: ThreadStore,
  request: ListThreadsRequest,
): Promise<MessageInitShape<typeof ListThreadsResponseSchema>> {
  const query = queryOf(request);
  const isAllowed = allowedSources(request);
  const wanted = Math.min(Math.max(request.pageSize, 1), DEFAULT_LIMITS.pageMaxItems);
  const threads: StoredThread[] = [];
  let cursor = request.cursor === undefined ? null : cursorOf(request.cursor, query);
  do {
    const page: Page<StoredThread> = await store.listThreads({
      ...query,
      pageSize: wanted - threads.length,
      ...(cursor === null ? {} : { cursor }),
    });
    threads.push(...page.data.filter(isAllowed));
    cursor = page.nextCursor;
  } while (cursor !== null && threads.length < wanted);
  return {
    threads: threads.map((thread) => threadMessage(thread)),
    ...(cursor === null ? {} : { nextCursor: cursor }),
  };
}

/** What is said of a list in the words of the contract. */
export interface WholePage {
  readonly threads: readonly StoredThread[];
  readonly more: boolean;
  readonly scanned?: number;
}

/** Answers a list that is told in the words of the contract: as one text, of which a message for each thread would be many times as slow. */
export async function listWhole(
  store: ThreadStore,
  params: ListThreadsParams,
): Promise<MessageInitShape<typeof ListThreadsResponseSchema>> {
  const { data, nextCursor, scanned } = await store.listThreads(params);
  const page: WholePage = {
    threads: data.map(wholeThread),
    more: nextCursor !== null,
    ...(scanned === undefined ? {} : { scanned }),
  };
  return { contractJson: JSON.stringify(page) };
}

function queryOf(request: ListThreadsRequest): ListThreadsParams {
  const { allowedSources, modelProviderFilter, cwdFilter, searchTerm } = request;
  const providers = modelProviderFilter?.values ?? [];
  return {
    sources: allowedSources.length === 0 ? EVERY_KIND : kindsOf(allowedSources.map(readSource)),
    sortKey: request.sortKey === ThreadSortKey.UPDATED_AT ? "updatedAt" : "createdAt",
    sortDirection: request.sortDirection === SortDirection.DESC ? "desc" : "asc",
    modelProviders: providers,
    ...(request.archived ? { archived: true } : {}),
    ...(searchTerm ? { searchTerm } : {}),
    ...(cwdFilter ? { cwds: cwdFilter.values } : {}),
    ...(request.useStateDbOnly ? { useIndexOnly: true } : {}),
  };
}

function kindsOf(sources: readonly SessionSource[]): SourceKind[] {
  return [...new Set(sources.map(sourceKindOf))];
}

/** A client tells sources apart that a store knows as one kind: the words of custom ones, and sorts of sub-agents. */
function allowedSources({ allowedSources }: ListThreadsRequest): (thread: StoredThread) => boolean {
  const kinds = new Set(allowedSources.map(({ kind }) => (KINDS.has(kind) ? kind : SessionSourceKind.UNKNOWN)));
  const words = new Set(allowedSources.map(({ custom = "" }) => custom));
  return ({ source }) => {
    const { kind = SessionSourceKind.UNKNOWN, custom = "" } = sourceMessage(source);
    return kinds.size === 0 || (kinds.has(kind) && (kind !== SessionSourceKind.CUSTOM || words.has(custom)));
  };
}

/** A cursor is the store's own, or a time that the client made of a first row. */
function cursorOf(cursor: string, query: ListThreadsParams): string {
  const position = positionOfTime(cursor, query.sortDirection ?? "desc");
  return position === null ? cursor : encodeThreadCursor(query, position);
}

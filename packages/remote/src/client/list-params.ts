import { encodeThreadCursor, type ListThreadsParams } from "@threadstore/core";
import type { ThreadListQuery } from "@threadstore/core/driver";

/** The arguments of a list that a query was made of, without anything left to the defaults of another store. */
export function listParams({ order, position, ...query }: ThreadListQuery): ListThreadsParams {
  const { pageSize, sources, modelProviders, cwds, archived, searchTerm, relation, useIndexOnly, neighbour } = query;
  const params: ListThreadsParams = {
    pageSize,
    sources,
    modelProviders: modelProviders ?? [],
    archived,
    useIndexOnly,
    sortDirection: order.direction,
    // A list by sections says so among the neighbour's filters.
    ...(order.key === "section" ? {} : { sortKey: order.key }),
    ...(cwds === null ? {} : { cwds }),
    ...(searchTerm === undefined ? {} : { searchTerm }),
    ...(relation === undefined ? {} : { relation }),
    ...(neighbour === undefined ? {} : { neighbour }),
  };
  return position ? { ...params, cursor: encodeThreadCursor(params, position) } : params;
}

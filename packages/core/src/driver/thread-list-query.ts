import type { SourceKind } from "../protocol/session-source.js";
import type { StoreLimits } from "../store/limits.js";
import type { ListThreadsParams } from "../store/params.js";
import { decodeThreadCursor } from "./cursor-codec.js";
import type { ThreadListQuery } from "./thread-store-driver.js";

/** What lists show when a caller names no sources or providers. */
export interface ListDefaults {
  readonly sources: readonly SourceKind[];
  readonly modelProviders: readonly string[] | null;
}

/** Fills a list's defaults in and turns its cursor into a position. @throws `invalid_request` a bad cursor. */
export function threadListQuery(
  params: ListThreadsParams,
  { limits, defaults }: { readonly limits: StoreLimits; readonly defaults: ListDefaults },
): ThreadListQuery {
  const { relation, neighbour, searchTerm } = params;
  return {
    pageSize: params.pageSize ?? limits.pageDefaultItems,
    order: {
      key: neighbour?.sortBySection ? "section" : (params.sortKey ?? "createdAt"),
      direction: params.sortDirection ?? "desc",
    },
    sources: listedSources(params, defaults),
    modelProviders: listedProviders(params, defaults),
    cwds: params.cwds ?? null,
    archived: params.archived ?? false,
    useIndexOnly: params.useIndexOnly ?? false,
    ...(searchTerm === undefined ? {} : { searchTerm }),
    ...(relation === undefined ? {} : { relation }),
    ...(neighbour === undefined ? {} : { neighbour }),
    ...(params.cursor === undefined ? {} : { position: decodeThreadCursor(params, params.cursor) }),
  };
}

type Narrowed = Pick<ListThreadsParams, "sources" | "modelProviders" | "relation">;

/** A relation names its threads itself, so it lifts the defaults. */
export function listedSources(params: Narrowed, defaults: ListDefaults): ThreadListQuery["sources"] {
  if (params.sources !== undefined && params.sources.length > 0) return params.sources;
  return params.relation ? "all" : defaults.sources;
}

export function listedProviders(params: Narrowed, defaults: ListDefaults): readonly string[] | null {
  const providers = params.modelProviders ?? (params.relation ? null : defaults.modelProviders);
  return providers === null || providers.length === 0 ? null : providers;
}

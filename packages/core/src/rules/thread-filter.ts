import { type SourceKind, sourceKindOf, sourceKindsMatching } from "../protocol/session-source.js";
import type { ThreadId } from "../protocol/thread-id.js";
import type { NeighbourFilter, ThreadRelation } from "../store/params.js";
import type { StoredThread } from "../store/records.js";

/** A list's filters with every default filled in: what a driver gets. */
export interface ThreadFilter {
  readonly sources: readonly SourceKind[] | "all";
  /** Null: all providers. */
  readonly modelProviders: readonly string[] | null;
  /** Null: any folder. */
  readonly cwds: readonly string[] | null;
  /** Null: archived threads among the others. */
  readonly archived: boolean | null;
  readonly searchTerm?: string;
  readonly relation?: ThreadRelation;
  readonly neighbour?: NeighbourFilter;
}

/** What a filter looks at beside the thread itself. */
export interface FilteredThread {
  readonly thread: StoredThread;
  /** The title when it differs from the preview. */
  readonly title?: string;
}

/**
 * Whether a thread belongs on a list. The relation is not looked at: `related` holds the ids it stands for.
 * This is the reference; stores that filter by other means are tested against it.
 */
export function isThreadListed(
  { thread, title }: FilteredThread,
  filter: ThreadFilter,
  related?: ReadonlySet<ThreadId>,
): boolean {
  if (filter.archived !== null && (thread.archivedAt !== undefined) !== filter.archived) return false;
  if (filter.relation && !related?.has(thread.threadId)) return false;
  if (!isVisible(thread, filter)) return false;
  if (!hasListedSource(thread, filter)) return false;
  if (filter.modelProviders !== null && !filter.modelProviders.includes(thread.modelProvider)) return false;
  if (filter.cwds !== null && !filter.cwds.map(comparableFolder).includes(comparableFolder(thread.cwd))) return false;
  if (filter.searchTerm !== undefined && !searchText(thread, title).includes(foldCase(filter.searchTerm))) return false;
  return matchesNeighbour(thread, filter.neighbour ?? {});
}

/** A thread no user wrote in is shown where it was asked for: among all sources, by relation, or in its section. */
export function showsUnvisited(filter: ThreadFilter): boolean {
  return filter.sources === "all" || filter.relation !== undefined || typeof filter.neighbour?.sectionId === "string";
}

/** The text that list searches look at, one field a line, in folded case. */
export function searchText(thread: StoredThread, title: string | undefined): string {
  return foldCase([thread.name ?? "", title ?? "", thread.preview].join("\n"));
}

/** Lower case, so that letter case does not matter, and no NUL, which databases end a text at. Both sides go through it. */
export function foldCase(text: string): string {
  return text.toLowerCase().replaceAll("\0", "\uFFFD");
}

/** A folder without trailing slashes, as folders are compared. */
export function comparableFolder(path: string): string {
  return path.replace(/(?<=.)\/+$/, "");
}

/** The specific kinds a list shows, or null for all; a relation lifts the source filter unless kinds were named. */
export function listedKinds(filter: ThreadFilter): ReadonlySet<SourceKind> | null {
  return filter.sources === "all" ? null : new Set(filter.sources.flatMap(sourceKindsMatching));
}

function hasListedSource(thread: StoredThread, filter: ThreadFilter): boolean {
  return listedKinds(filter)?.has(sourceKindOf(thread.source)) ?? true;
}

function isVisible(thread: StoredThread, filter: ThreadFilter): boolean {
  const attachedTo = thread.neighbour?.attachedToThreadId;
  const { attachedTo: wanted, includeAttached } = filter.neighbour ?? {};
  if (wanted === undefined && attachedTo !== undefined && !includeAttached) return false;
  return thread.preview !== "" || showsUnvisited(filter);
}

function matchesNeighbour(thread: StoredThread, filter: NeighbourFilter): boolean {
  const { section, projectId, attachedToThreadId } = thread.neighbour ?? {};
  if (filter.sectionId !== undefined && (section?.id ?? null) !== filter.sectionId) return false;
  if (filter.projectId !== undefined && (projectId ?? null) !== filter.projectId) return false;
  if (filter.attachedTo !== undefined && attachedToThreadId !== filter.attachedTo) return false;
  return !filter.excludedThreadIds?.includes(thread.threadId);
}

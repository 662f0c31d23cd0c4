import { searchApiOccurrences } from "@threadstore/codex-wire";
import { type SearchScope, type SearchThreadsParams, type ThreadStore, ThreadStoreError } from "@threadstore/core";
import { type Command, Option } from "commander";
import { findThread } from "../find-thread.js";
import { openStore } from "../open-store.js";
import { colors, colorsFor } from "../output/colors.js";
import { hintAtNextPage } from "../output/next-page.js";
import { tableWidth } from "../output/plain-table.js";
import { printJson } from "../output/print-json.js";
import { writeNote, writeOut } from "../output/write-out.js";
import { hitLines, occurrenceLines } from "../search/hit-lines.js";
import { pageNotes } from "../search/page-notes.js";
import { searchJson } from "../search/search-json.js";
import { parseSince } from "../since.js";
import { addThreadFilterOptions, type ThreadFilterOptions, threadFilterOf } from "../thread-filter-options.js";
import { parseWholeNumber } from "../whole-number.js";

interface SearchOptions extends ThreadFilterOptions {
  readonly in?: string;
  readonly tools?: true;
  readonly reasoning?: true;
  readonly limit?: number;
  readonly cursor?: string;
  readonly sort: keyof typeof SORT_KEYS;
  readonly rank?: true;
  readonly asc?: true;
  readonly all?: true;
  readonly since?: string;
  readonly complete?: true;
  readonly json?: true;
}

/** A term, and the home as it was given on the command line. */
interface Wanted {
  readonly term: string;
  readonly home?: string | undefined;
}

const SORT_KEYS = { created: "createdAt", updated: "updatedAt", recency: "recencyAt" } as const;

/** What the API takes. */
const PLACES_MAX = 250;

/** Options that choose among threads: places are looked for in one, in what was said. */
const OF_THREADS = [
  "tools",
  "reasoning",
  "sort",
  "rank",
  "asc",
  "archived",
  "all",
  "cwd",
  "allSources",
  "since",
  "complete",
];

export function addSearch(program: Command): void {
  const command = program
    .command("search <term>")
    .description("Search what was said in threads, and their names, the last changed first. TERM is taken literally.");
  addPlaceOptions(command);
  addThreadFilterOptions(command)
    .addOption(new Option("--all", "archived threads too").conflicts("archived"))
    .option("--since <when>", "only threads that changed since a day, or within an age such as 7d", toSince)
    .option("--complete", "look through threads that are not indexed yet, however long it takes")
    .option("--json", "print one JSON document")
    .action(async (term: string, options: SearchOptions, self: Command) => {
      const wanted = { term, home: self.optsWithGlobals<{ home?: string }>().home };
      await using store = await openStore(self);
      if (options.in === undefined) await searchThreads(store, wanted, options);
      else await searchOccurrences(store, wanted, { ...options, in: options.in });
    });
}

/** Where is looked, and in what order. */
function addPlaceOptions(command: Command): void {
  command
    .addOption(new Option("--in <thread>", "instead, every place in one thread, oldest first").conflicts(OF_THREADS))
    .option("--tools", "also what tools were asked and answered")
    .option("--reasoning", "also what was thought")
    .option("--limit <n>", "rows on the page, 1 to 1000 (default: 25), with --in to 250 (50)", parseWholeNumber)
    .option("--cursor <cursor>", "go on where a page ended")
    .addOption(new Option("--sort <key>", "sort key").choices(Object.keys(SORT_KEYS)).default("updated"))
    .addOption(new Option("--rank", "first the threads with the most texts that hold the term").conflicts("sort"))
    .option("--asc", "oldest first");
}

function toSince(text: string): string {
  return parseSince(text, Date.now());
}

async function searchThreads(store: ThreadStore, { term, home }: Wanted, options: SearchOptions): Promise<void> {
  const page = await store.searchThreads({ searchTerm: term, ...searchParamsOf(options) });
  if (options.json) return printJson(searchJson(page));
  const style = { colors, nowMs: Date.now(), width: tableWidth(), home };
  for (const hit of page.data) await writeOut(`${hitLines(hit, style).join("\n")}\n`);
  await note(pageNotes(page));
  hintAtNextPage(page.nextCursor, { since: options.since });
}

function searchParamsOf(options: SearchOptions): Omit<SearchThreadsParams, "searchTerm"> {
  const { sort, rank, asc, limit, cursor, all, since, complete } = options;
  return {
    ...threadFilterOf(options),
    ...(all ? { archived: "both" as const } : {}),
    scopes: scopesOf(options),
    sortKey: rank ? "rank" : SORT_KEYS[sort],
    sortDirection: asc ? "asc" : "desc",
    ...(limit === undefined ? {} : { pageSize: limit }),
    ...(cursor === undefined ? {} : { cursor }),
    ...(since === undefined ? {} : { updatedSince: since }),
    ...(complete ? { scansMissing: complete } : {}),
  };
}

function scopesOf({ tools, reasoning }: SearchOptions): SearchScope[] {
  return ["messages", "names", ...(tools ? ["tools" as const] : []), ...(reasoning ? ["reasoning" as const] : [])];
}

async function searchOccurrences(
  store: ThreadStore,
  { term, home }: Wanted,
  { in: wanted, limit, cursor, json }: SearchOptions & { readonly in: string },
): Promise<void> {
  if (limit !== undefined && (limit < 1 || limit > PLACES_MAX)) {
    throw new ThreadStoreError("invalid_request", `--limit is 1 to ${PLACES_MAX} with --in, found ${limit}`);
  }
  const { threadId } = await findThread(store, wanted);
  const page = await searchApiOccurrences(store, {
    threadId,
    searchTerm: term,
    ...(limit === undefined ? {} : { limit }),
    ...(cursor === undefined ? {} : { cursor }),
  });
  if (json) return printJson(page);
  for (const line of occurrenceLines({ threadId, data: page.data }, { colors, home })) await writeOut(`${line}\n`);
  await note(pageNotes({ data: page.data }));
  hintAtNextPage(page.nextCursor);
}

async function note(lines: readonly string[]): Promise<void> {
  for (const line of lines) await writeNote(`${colorsFor(process.stderr).dim(line)}\n`);
}

import { toApiThread } from "@threadstore/codex-wire";
import {
  type ListThreadsParams,
  type Page,
  SOURCE_KINDS,
  type SourceKind,
  type StoredThread,
  sourceKindOf,
  type ThreadStore,
} from "@threadstore/core";
import { type Command, Option } from "commander";
import { everyThread } from "../every-thread.js";
import { findThread } from "../find-thread.js";
import { printChangedThreads } from "../follow/print-changed-threads.js";
import { openStore } from "../open-store.js";
import { colors } from "../output/colors.js";
import { printJson } from "../output/print-json.js";
import { threadTable } from "../output/thread-table.js";
import { parseWholeNumber } from "../whole-number.js";

interface ListOptions {
  readonly limit?: number;
  readonly cursor?: string;
  readonly sort: "created" | "updated" | "recency";
  readonly asc?: true;
  readonly archived?: true;
  readonly source?: readonly SourceKind[];
  readonly allSources?: true;
  readonly provider?: readonly string[];
  readonly cwd?: readonly string[];
  readonly search?: string;
  readonly childrenOf?: string;
  readonly descendantsOf?: string;
  readonly follow?: true;
  readonly json?: true;
}

const SORT_KEYS = { created: "createdAt", updated: "updatedAt", recency: "recencyAt" } as const;

/** Options of a page: threads that change come in no order, and one by one. */
const ONE_PAGE = ["limit", "cursor", "asc", "archived", "childrenOf", "descendantsOf"];

export function addList(program: Command): void {
  program
    .command("list")
    .description("List threads, newest first. Without filters: the cli and vscode threads of all providers.")
    .option("--limit <n>", "rows on the page, 1 to 1000 (default: 25)", parseWholeNumber)
    .option("--cursor <cursor>", "go on where a page ended")
    .addOption(new Option("--sort <key>", "sort key").choices(Object.keys(SORT_KEYS)).default("created"))
    .option("--asc", "oldest first")
    .option("--archived", "archived threads only")
    .addOption(new Option("--source <kind...>", "only threads started by these").choices(SOURCE_KINDS))
    .option("--all-sources", "every thread, whoever started it, also empty and attached ones")
    .option("--provider <name...>", "only threads of these model providers")
    .option("--cwd <dir...>", "only threads of exactly these folders")
    .option("--search <term>", "a part of the name or the first message; letter case does not matter")
    .option("--children-of <id>", "sub-agents of a thread")
    .option("--descendants-of <id>", "sub-agents of a thread, and theirs")
    .addOption(new Option("--follow", "print threads as they change, until interrupted").conflicts(ONE_PAGE))
    .option("--json", "print one JSON document; with --follow one for each line")
    .action(async (options: ListOptions, command: Command) => {
      await using store = await openStore(command);
      if (options.follow) return await follow(store, options);
      const page = await store.listThreads(await listQuery(store, options));
      if (options.json) printPage(page);
      else await printTable(store, page, options);
    });
}

async function listQuery(store: ThreadStore, options: ListOptions): Promise<ListThreadsParams> {
  const relation = await relationOf(store, options);
  return {
    sortKey: SORT_KEYS[options.sort],
    sortDirection: options.asc ? "asc" : "desc",
    ...(options.limit === undefined ? {} : { pageSize: options.limit }),
    ...(options.cursor === undefined ? {} : { cursor: options.cursor }),
    ...(options.archived ? { archived: true } : {}),
    ...(options.source ? { sources: options.source } : {}),
    ...(options.allSources ? { sources: "all" as const, neighbour: { includeAttached: true } } : {}),
    ...(options.provider ? { modelProviders: options.provider } : {}),
    ...(options.cwd ? { cwds: options.cwd } : {}),
    ...(options.search === undefined ? {} : { searchTerm: options.search }),
    ...(relation ? { relation } : {}),
  };
}

function follow(store: ThreadStore, options: ListOptions): Promise<void> {
  const filter = {
    sources: options.allSources ? ("all" as const) : (options.source ?? (["cli", "vscode"] as const)),
    modelProviders: options.provider ?? null,
    cwds: options.cwd ?? null,
    ...(options.search === undefined ? {} : { searchTerm: options.search }),
    ...(options.allSources ? { neighbour: { includeAttached: true } } : {}),
  };
  return printChangedThreads(store, { filter, isJson: options.json === true });
}

async function relationOf(store: ThreadStore, options: ListOptions): Promise<ListThreadsParams["relation"]> {
  if (options.childrenOf) return { childrenOf: (await findThread(store, options.childrenOf)).threadId };
  if (options.descendantsOf) return { descendantsOf: (await findThread(store, options.descendantsOf)).threadId };
  return undefined;
}

function printPage(page: Page<StoredThread>): void {
  const { data, nextCursor, backwardsCursor } = page;
  printJson({ data: data.map(toApiThread), nextCursor, backwardsCursor });
}

async function printTable(store: ThreadStore, page: Page<StoredThread>, options: ListOptions): Promise<void> {
  const lines = page.data.length > 0 ? [await threadTable(page.data, Date.now())] : ["no threads"];
  if (page.nextCursor !== null) lines.push(colors.dim(`more: --cursor ${page.nextCursor}`));
  const leftOut = isDefaultList(options) ? await leftOutByDefault(store) : "";
  if (leftOut) lines.push(colors.dim(leftOut));
  process.stdout.write(`${lines.join("\n")}\n`);
}

function isDefaultList(options: ListOptions): boolean {
  const { sort: _sort, asc: _asc, limit: _limit, cursor: _cursor, ...filters } = options;
  return Object.keys(filters).length === 0;
}

/** Says how many threads a list without filters does not show, and which: nothing is hidden silently. */
async function leftOutByDefault(store: ThreadStore): Promise<string> {
  const counts = new Map<string, number>();
  // The page was just listed: what its call saw of the home is what the counts are about.
  for await (const thread of everyThread(store, { useIndexOnly: true })) {
    const reason = whyLeftOut(thread);
    if (reason === null) continue;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  if (counts.size === 0) return "";
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const parts = [...counts].map(([reason, count]) => `${count} ${reason}`);
  return `${total} left out: ${parts.join(", ")} (--all-sources, --archived)`;
}

/** Null: a list without filters shows it. */
function whyLeftOut(thread: StoredThread): string | null {
  if (thread.archivedAt !== undefined) return "archived";
  if (thread.neighbour?.attachedToThreadId) return "attached";
  const kind = sourceKindOf(thread.source);
  if (kind !== "cli" && kind !== "vscode") return kind;
  return thread.preview === "" ? "without a message" : null;
}

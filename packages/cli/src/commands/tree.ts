import { type ThreadId, type ThreadStore, ThreadStoreError } from "@threadstore/core";
import type { Command } from "commander";
import { everyThread } from "../every-thread.js";
import { findThread } from "../find-thread.js";
import { openStore } from "../open-store.js";
import { colors } from "../output/colors.js";
import { tableWidth } from "../output/plain-table.js";
import { printJson } from "../output/print-json.js";
import { writeOut } from "../output/write-out.js";
import { drawTree } from "../tree/draw-tree.js";
import { type EdgeStatuses, edgeStatuses } from "../tree/edge-statuses.js";
import { rowOf, type ThreadRow } from "../tree/thread-row.js";
import { ancestorOf, growTrees, newestTrees, nodesBelow, type ThreadNode } from "../tree/thread-tree.js";
import { treeJson } from "../tree/tree-json.js";
import { parseWholeNumber } from "../whole-number.js";

interface TreeOptions {
  readonly limit?: number;
  readonly archived?: true;
  readonly json?: true;
}

const TREES_DEFAULT = 20;
const TREES_MAX = 1_000;
/** Forks of forks of forks: so many levels still can be told apart on a wide screen, and any reader of JSON takes them. */
const LEVELS_MAX = 50;
/** Half of them, so that a thread that is deep down is shown with as much above as below. */
const LEVELS_ABOVE_MAX = 25;

/** Trees, and what there is beside them. */
interface Grove {
  readonly markedId?: ThreadId;
  readonly trees: readonly ThreadNode[];
  readonly leftOut: {
    /** Trees that changed before those that are shown. */
    readonly older: number;
    /** Trees that `--archived` shows, or with it the others. */
    readonly others: number;
    /** Levels above the thread that the tree is shown from. */
    readonly above: number;
  };
}

export function addTree(program: Command): void {
  program
    .command("tree [thread]")
    .description("Draw threads with their sub-agents and forks as trees, newest first; or the tree of one thread.")
    .option("--limit <n>", `trees, 1 to ${TREES_MAX} (default: ${TREES_DEFAULT})`, parseWholeNumber)
    .option("--archived", "only trees whose threads are all archived (default: only the others)")
    .option("--json", "print one JSON document")
    .action(async (wanted: string | undefined, options: TreeOptions, command: Command) => {
      await using store = await openStore(command);
      const grove = wanted === undefined ? await newestOf(store, options) : await treeOf(store, wanted, options);
      const statuses = await edgeStatuses(store, grove.trees);
      if (options.json) printGrove(grove, statuses);
      else await drawGrove(grove, { statuses, isArchived: options.archived === true });
    });
}

async function newestOf(store: ThreadStore, options: TreeOptions): Promise<Grove> {
  const { limit = TREES_DEFAULT, archived = false } = options;
  if (limit < 1 || limit > TREES_MAX) throw invalid(`--limit is 1 to ${TREES_MAX}, found ${limit}`);
  const rows = await rowsOf(store);
  const { trees, older, others } = newestTrees(growTrees(rows.values()), { limit, isArchived: archived });
  return { trees, leftOut: { older, others, above: 0 } };
}

async function treeOf(store: ThreadStore, wanted: string, options: TreeOptions): Promise<Grove> {
  if (options.limit !== undefined || options.archived) throw invalid("give either a thread, or --limit and --archived");
  const thread = await findThread(store, wanted);
  const rows = await rowsOf(store);
  rows.set(thread.threadId, rowOf(thread));
  const { top, above } = ancestorOf(nodeOf(rows, thread.threadId), LEVELS_ABOVE_MAX);
  return { markedId: thread.threadId, trees: [top], leftOut: { older: 0, others: 0, above } };
}

/** Of every thread only what a tree shows is held. */
async function rowsOf(store: ThreadStore): Promise<Map<ThreadId, ThreadRow>> {
  const rows = new Map<ThreadId, ThreadRow>();
  for await (const thread of everyThread(store)) rows.set(thread.threadId, rowOf(thread));
  return rows;
}

function nodeOf(rows: ReadonlyMap<ThreadId, ThreadRow>, threadId: ThreadId): ThreadNode {
  for (const root of growTrees(rows.values())) {
    for (const node of nodesBelow(root)) if (node.row.threadId === threadId) return node;
  }
  throw new Error(`thread ${threadId} is in no tree`);
}

function printGrove({ markedId, trees, leftOut }: Grove, statuses: EdgeStatuses): void {
  const data = trees.map((tree) => treeJson(tree, { statuses, levelsMax: LEVELS_MAX }));
  printJson({ threadId: markedId ?? null, data, leftOut });
}

async function drawGrove(
  { markedId, trees, leftOut }: Grove,
  { statuses, isArchived }: { readonly statuses: EdgeStatuses; readonly isArchived: boolean },
): Promise<void> {
  const style = { colors, statuses, nowMs: Date.now(), width: tableWidth(), levelsMax: LEVELS_MAX };
  if (trees.length === 0) await writeOut("no threads\n");
  if (leftOut.above > 0) await writeOut(`${colors.dim(`${leftOut.above} levels above are left out`)}\n`);
  for (const tree of trees) {
    for (const line of drawTree(tree, { ...style, ...(markedId ? { markedId } : {}) })) await writeOut(`${line}\n`);
  }
  if (leftOut.older > 0) await writeOut(`${colors.dim(`${leftOut.older} older trees left out (--limit)`)}\n`);
  const others = isArchived ? "trees with active threads left out" : "archived trees left out (--archived)";
  if (leftOut.others > 0) await writeOut(`${colors.dim(`${leftOut.others} ${others}`)}\n`);
}

function invalid(message: string): ThreadStoreError {
  return new ThreadStoreError("invalid_request", message);
}

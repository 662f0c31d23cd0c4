import type { ThreadId } from "@threadstore/core";
import type { Colors } from "../output/colors.js";
import { plainText } from "../output/plain-text.js";
import { relativeTime } from "../output/relative-time.js";
import { shorten } from "../output/shorten.js";
import { titleOf } from "../output/thread-table.js";
import type { EdgeStatuses } from "./edge-statuses.js";
import type { ThreadRow } from "./thread-row.js";
import { kindOf, nodesBelow, parentIdOf, type ThreadNode } from "./thread-tree.js";

export interface DrawTreeOptions {
  readonly colors: Colors;
  readonly statuses: EdgeStatuses;
  readonly nowMs: number;
  /** Characters of a line, as far as its marks leave room for a title. */
  readonly width: number;
  /** Levels below the root; of deeper threads only the number is told. */
  readonly levelsMax: number;
  /** The thread whose line is marked. */
  readonly markedId?: ThreadId;
}

/** Enough to tell threads apart, and not less than titleOf needs for its own words with their colour. */
const TITLE_MIN_CHARACTERS = 30;
const AGENT_MAX_CHARACTERS = 60;
const ID_CHARACTERS = 13;

/** A tree as lines of plain text: a thread each, its sub-agents and forks below it, oldest first. */
export function* drawTree(root: ThreadNode, options: DrawTreeOptions): Generator<string> {
  const waiting: DrawnNode[] = [{ node: root, branch: "", indent: "", level: 0 }];
  for (let drawn = waiting.pop(); drawn; drawn = waiting.pop()) {
    const { node, branch, indent, level } = drawn;
    yield lineOf(node, branch, options);
    if (level < options.levelsMax) waiting.push(...childrenOf(drawn).reverse());
    else if (node.children.length > 0) yield options.colors.dim(`${indent}└─ ${threadsBelow(node)} more below`);
  }
}

/** How many threads hang below one. */
export function threadsBelow(node: ThreadNode): number {
  let count = -1;
  for (const _ of nodesBelow(node)) count += 1;
  return count;
}

interface DrawnNode {
  readonly node: ThreadNode;
  /** What stands before its own line. */
  readonly branch: string;
  /** What stands before the lines below it. */
  readonly indent: string;
  readonly level: number;
}

function childrenOf({ node, indent, level }: DrawnNode): DrawnNode[] {
  return node.children.map((child, at) => {
    const isLast = at === node.children.length - 1;
    return {
      node: child,
      branch: `${indent}${isLast ? "└─ " : "├─ "}`,
      indent: `${indent}${isLast ? "   " : "│  "}`,
      level: level + 1,
    };
  });
}

function lineOf(node: ThreadNode, branch: string, options: DrawTreeOptions): string {
  const { colors, statuses, nowMs, width, markedId } = options;
  const { row } = node;
  const mark = row.threadId === markedId ? "▶ " : "";
  const id = row.threadId.slice(0, ID_CHARACTERS);
  const age = relativeTime(row.updatedAt, nowMs).padEnd(4);
  const origin = inBrackets(originOf(node, statuses));
  const archived = row.isArchived ? inBrackets("archived") : "";
  const taken = `${branch}${mark}${id} ${age} ${origin}${archived}`.length;
  const title = shorten(titleOf(row), Math.max(width - taken, TITLE_MIN_CHARACTERS));
  return [
    colors.dim(branch),
    colors.green(mark),
    `${colors.cyan(id)} ${age} `,
    colors.magenta(origin),
    colors.yellow(archived),
    mark ? colors.bold(title) : title,
  ].join("");
}

function inBrackets(words: string): string {
  return words && `[${words}] `;
}

/** How the thread came to be, as in `fork` or `agent Aquinas open`. A root names the parent that it does not hang from. */
function originOf({ row, rootBecause }: ThreadNode, statuses: EdgeStatuses): string {
  const kind = kindOf(row);
  if (kind === "thread") return "";
  const parent = parentIdOf(row)?.slice(0, ID_CHARACTERS);
  const note = rootBecause === "parentMissing" ? `of ${parent}, which is gone` : `of ${parent}, which is below`;
  const words = [kind, kind === "agent" ? agentOf(row, statuses) : "", rootBecause === null ? "" : note];
  return words.filter(Boolean).join(" ");
}

function agentOf(row: ThreadRow, statuses: EdgeStatuses): string {
  const { agentNickname, agentRole, agentPath, threadId } = row;
  const role = agentRole === undefined ? "" : `(${agentRole})`;
  const called = plainText([agentNickname, role, agentPath].filter(Boolean).join(" "));
  const words = shorten(called || (OTHER_AGENTS.get(row.sourceKind) ?? ""), AGENT_MAX_CHARACTERS);
  return [words, statuses.get(threadId)].filter(Boolean).join(" ");
}

/** What Codex starts by itself has no name. */
const OTHER_AGENTS: ReadonlyMap<string, string> = new Map([
  ["subAgentReview", "review"],
  ["subAgentCompact", "compact"],
]);

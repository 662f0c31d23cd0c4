import type { ApiOccurrence } from "@threadstore/codex-wire";
import type { ThreadId, ThreadSearchHit } from "@threadstore/core";
import type { Colors } from "../output/colors.js";
import { plainText } from "../output/plain-text.js";
import { relativeTime } from "../output/relative-time.js";
import { shorten } from "../output/shorten.js";
import { highlightParts, snippetParts } from "../output/snippet-parts.js";
import { titleOf } from "../output/thread-table.js";
import { showCommand } from "./show-command.js";

export interface HitStyle {
  readonly colors: Colors;
  readonly nowMs: number;
  /** Characters of the line of a thread. */
  readonly width: number;
  /** The home as it was given on the command line. */
  readonly home?: string | undefined;
}

const ID_CHARACTERS = 13;
const TITLE_MIN_CHARACTERS = 30;
const INDENT = "    ";

/** A thread that was found: its id, its age and its title, then the place, then how to open it there. */
export function hitLines({ thread, snippet, ranges, turnId }: ThreadSearchHit, style: HitStyle): string[] {
  const { colors, nowMs, width, home } = style;
  const { threadId } = thread;
  const age = relativeTime(thread.updatedAt, nowMs).padEnd(4);
  const mark = thread.archivedAt === undefined ? "" : "archived ";
  const taken = `${threadId.slice(0, ID_CHARACTERS)} ${age} ${mark}`.length;
  const title = shorten(titleOf(thread), Math.max(width - taken, TITLE_MIN_CHARACTERS));
  return [
    `${colors.cyan(threadId.slice(0, ID_CHARACTERS))} ${age} ${colors.yellow(mark)}${title}`,
    INDENT + highlightParts(snippetParts({ text: snippet, ranges }), colors),
    INDENT + colors.dim(showCommand({ home, threadId, turnId })),
  ];
}

/** The places of a thread, in order: each turn with how to open it there, and the texts with the places in it. */
export function* occurrenceLines(
  { threadId, data }: { readonly threadId: ThreadId; readonly data: readonly ApiOccurrence[] },
  { colors, home }: Pick<HitStyle, "colors" | "home">,
): Generator<string> {
  let turnBefore: string | undefined;
  for (const { turnId, text, ranges } of placesByText(data)) {
    if (turnId !== turnBefore) {
      const turn = colors.cyan(plainText(turnId).slice(0, ID_CHARACTERS));
      yield `${turn} ${colors.dim(showCommand({ home, threadId, turnId }))}`;
    }
    turnBefore = turnId;
    yield INDENT + highlightParts(snippetParts({ text, ranges }), colors);
  }
}

interface FoundText {
  readonly turnId: string;
  readonly itemId: string;
  readonly text: string;
  readonly ranges: (readonly [number, number])[];
}

/** Places that the same snippet shows are one line. */
function placesByText(data: readonly ApiOccurrence[]): FoundText[] {
  const texts: FoundText[] = [];
  for (const { turnId, itemId, snippet: text, snippetMatchRange } of data) {
    const range = [snippetMatchRange.start, snippetMatchRange.end] as const;
    const last = texts.at(-1);
    if (last?.turnId === turnId && last.itemId === itemId && last.text === text) last.ranges.push(range);
    else texts.push({ turnId, itemId, text, ranges: [range] });
  }
  return texts;
}

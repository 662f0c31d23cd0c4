import { findMatches, type TextRange } from "./find-matches.js";

/** A part of a text around a match; where it was cut there are dots. */
export interface Snippet {
  readonly text: string;
  /** Where the match, and others beside it, stand in the snippet. */
  readonly ranges: readonly TextRange[];
}

/** As Codex cuts them: whole characters, beside the first plane too. */
const BEFORE_CHARACTERS = 49;
const AFTER_CHARACTERS = 96;
const DOTS_BEFORE = "... ";
const DOTS_AFTER = " ...";

/** The text around the first place where a folded term stands, on one line; null where it does not. */
export function lineSnippet(text: string, term: string): Snippet | null {
  const line = text.replace(/\s+/gu, " ").trim();
  const matches = findMatches(line, term);
  if (matches.length === 0) return null;
  const [from, to] = rangeAround(line, matches[0]);
  return cutOut(line, matches, [line[from] === " " ? from + 1 : from, line[to - 1] === " " ? to - 1 : to]);
}

/** The text around the first of some matches, as it was written. */
export function snippetOf(text: string, matches: readonly TextRange[]): Snippet {
  return cutOut(text, matches, rangeAround(text, matches[0]));
}

function rangeAround(text: string, [start, end]: TextRange = [0, 0]): TextRange {
  const before = [...text.slice(Math.max(0, start - 2 * BEFORE_CHARACTERS), start)].slice(-BEFORE_CHARACTERS);
  const after = [...text.slice(end, end + 2 * AFTER_CHARACTERS)].slice(0, AFTER_CHARACTERS);
  return [start - before.join("").length, end + after.join("").length];
}

function cutOut(text: string, matches: readonly TextRange[], [from, to]: TextRange): Snippet {
  const before = from > 0 ? DOTS_BEFORE : "";
  const shift = before.length - from;
  const ranges = matches
    .filter(([start, end]) => start >= from && end <= to)
    .map(([start, end]) => [start + shift, end + shift] as const);
  return { text: `${before}${text.slice(from, to)}${to < text.length ? DOTS_AFTER : ""}`, ranges };
}

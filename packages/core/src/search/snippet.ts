import { findMatches, type TextRange } from "./find-matches.js";

/** A part of a text around a match; where it was cut there are dots. */
export interface Snippet {
  readonly text: string;
  /** Where the match, and others beside it, stand in the snippet. */
  readonly ranges: readonly TextRange[];
}

/** As Codex cuts them. */
const BEFORE_CHARACTERS = 49;
const AFTER_CHARACTERS = 96;
const DOTS_BEFORE = "... ";
const DOTS_AFTER = " ...";

/** The text around the first place where a folded term stands, on one line; null where it does not. */
export function lineSnippet(text: string, term: string): Snippet | null {
  const line = text.replace(/\s+/gu, " ").trim();
  const matches = findMatches(line, term);
  return matches.length === 0 ? null : snippetOf(line, matches);
}

/** The text around the first of some matches, as it was written. */
export function snippetOf(text: string, matches: readonly TextRange[]): Snippet {
  const [start, end] = matches[0] ?? [0, 0];
  const from = characterStart(text, Math.max(0, start - BEFORE_CHARACTERS));
  const to = characterStart(text, Math.min(text.length, end + AFTER_CHARACTERS));
  const before = from > 0 ? DOTS_BEFORE : "";
  const shift = before.length - from;
  const ranges = matches
    .filter(([matchStart, matchEnd]) => matchStart >= from && matchEnd <= to)
    .map(([matchStart, matchEnd]) => [matchStart + shift, matchEnd + shift] as const);
  return { text: `${before}${text.slice(from, to)}${to < text.length ? DOTS_AFTER : ""}`, ranges };
}

/** Never between the halves of a character. */
function characterStart(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff && at > 0 ? at - 1 : at;
}

import { foldText } from "./folded-text.js";

/** Offsets of a match in UTF-16 units: from, and up to. */
export type TextRange = readonly [number, number];

/** Where a folded term stands in a text, from left to right, without overlaps. */
export function findMatches(text: string, term: string): TextRange[] {
  const folded = foldText(text);
  const ranges: TextRange[] = [];
  for (let at = folded.text.indexOf(term); at >= 0; at = folded.text.indexOf(term, at + term.length)) {
    ranges.push(folded.sourceRange(at, at + term.length));
  }
  return ranges;
}

/** Whether a folded term stands in a text. */
export function holdsTerm(text: string, term: string): boolean {
  return foldText(text).text.includes(term);
}

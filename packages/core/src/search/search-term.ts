import { foldText } from "./folded-text.js";

/** A term as texts are searched for it: folded, without white space at its ends. Empty for a blank one. */
export function foldTerm(term: string): string {
  return foldText(term).text.trim();
}

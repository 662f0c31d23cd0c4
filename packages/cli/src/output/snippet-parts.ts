import type { Colors } from "./colors.js";
import { plainOffset, tracePlainText } from "./traced-text.js";

/** A piece of a snippet as plain characters. */
export interface SnippetPart {
  readonly text: string;
  readonly isMatch: boolean;
}

/** A text and where the matches stand in it, in UTF-16 units. */
export interface Snippet {
  readonly text: string;
  readonly ranges: readonly (readonly [number, number])[];
}

/** A snippet as one line of plain characters, cut at its matches. A match of which nothing is shown is none. */
export function snippetParts({ text, ranges }: Snippet): SnippetPart[] {
  const plain = tracePlainText(text);
  const parts: SnippetPart[] = [];
  let at = 0;
  for (const [start, end] of ranges) {
    const from = Math.max(plainOffset(plain, start), at);
    const to = Math.max(plainOffset(plain, end), from);
    parts.push(
      { text: plain.text.slice(at, from), isMatch: false },
      { text: plain.text.slice(from, to), isMatch: true },
    );
    at = to;
  }
  parts.push({ text: plain.text.slice(at), isMatch: false });
  return parts.filter((part) => part.text !== "");
}

/** The parts as a line on which the matches stand out. */
export function highlightParts(parts: readonly SnippetPart[], colors: Colors): string {
  return parts.map(({ text, isMatch }) => (isMatch ? colors.bold(colors.yellow(text)) : text)).join("");
}

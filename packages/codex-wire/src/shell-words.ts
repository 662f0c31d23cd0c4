/** Ways to write a part of a word, from the plainest on, and the characters that each cannot hold. */
const QUOTINGS = [
  { forbidden: /[^A-Za-z0-9+\-./:@\]_]/, quote: (text: string) => text },
  { forbidden: /['^\\]/, quote: (text: string) => `'${text}'` },
  { forbidden: /[`$!^]/, quote: (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"` },
] as const;

/** A command as one line that a shell would take apart again in the same way, quoted as Codex quotes it. */
export function joinShellWords(words: readonly string[]): string {
  return words.map(quoteWord).join(" ");
}

/** A word is written in as few parts as can be, each in the plainest way that holds all of it. */
function quoteWord(word: string): string {
  if (word === "") return "''";
  let quoted = "";
  for (let rest = word; rest !== ""; ) {
    const { length, quote } = longestPart(rest);
    quoted += quote(rest.slice(0, length));
    rest = rest.slice(length);
  }
  return quoted;
}

function longestPart(text: string): { readonly length: number; readonly quote: (part: string) => string } {
  const parts = QUOTINGS.map(({ forbidden, quote }) => ({ length: lengthUpTo(text, forbidden), quote }));
  const longest = Math.max(...parts.map(({ length }) => length));
  const part = parts.find(({ length }) => length === longest) ?? { length: text.length, quote: JSON.stringify };
  // A caret goes nowhere but behind an opening single quote.
  return longest === 0 ? { length: 1, quote: (character) => `'${character}'` } : part;
}

function lengthUpTo(text: string, forbidden: RegExp): number {
  const at = text.search(forbidden);
  return at < 0 ? text.length : at;
}

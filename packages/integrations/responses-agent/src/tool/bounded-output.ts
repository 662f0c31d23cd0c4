/** A text of at most so many characters: of a longer one the beginning and the end are kept, and how much was left out between. */
export function boundedOutput(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  const kept = Math.floor(maxCharacters / 2);
  const head = wholeCharacters(text.slice(0, kept));
  const tail = wholeCharacters(text.slice(text.length - kept));
  return `${head}\n[… ${text.length - head.length - tail.length} characters were left out …]\n${tail}`;
}

/** A text without the half of a character that a cut has left at either end. */
export function wholeCharacters(text: string): string {
  return text.replace(/^[\uDC00-\uDFFF]/, "").replace(/[\uD800-\uDBFF]$/, "");
}

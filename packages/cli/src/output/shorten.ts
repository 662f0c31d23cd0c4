/** The beginning of a text; one that is cut ends in an ellipsis. */
export function shorten(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  // Half of a character that takes two is none.
  const end = charactersMax - 1 - (isHighSurrogate(text.charCodeAt(charactersMax - 2)) ? 1 : 0);
  return `${text.slice(0, end)}…`;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

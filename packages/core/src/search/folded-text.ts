/** A text as searches compare it, and where each part of it stands in the text itself. */
export interface FoldedText {
  readonly text: string;
  /** The offsets, in UTF-16 units of the text itself, of what stands between two offsets of the folded one. */
  sourceRange(start: number, end: number): readonly [number, number];
}

const PLAIN = /^[\x21-\x7e]*(?: [\x21-\x7e]+)*$/;

/**
 * Folds a text for searching: letter case does not matter, in full (`STRASSE` is `straße`, `FI` is `ﬁ`), and a run of white space, line
 * breaks included, is one space.
 */
export function foldText(text: string): FoldedText {
  if (PLAIN.test(text)) return { text: text.toLowerCase(), sourceRange: (start, end) => [start, end] };
  const folded: string[] = [];
  const sources: number[] = [];
  let isInSpace = false;
  for (let at = 0; at < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(at) as number);
    const isSpace = SPACE.test(character);
    const part = isSpace ? (isInSpace ? "" : " ") : foldCharacter(character);
    folded.push(part);
    for (let unit = 0; unit < part.length; unit += 1) sources.push(at);
    isInSpace = isSpace;
    at += character.length;
  }
  return { text: folded.join(""), sourceRange: (start, end) => rangeOf(text, { sources, start, end }) };
}

const SPACE = /^\s$/u;

/** Through capitals, because some letters are told apart only in small ones; NUL, which databases end a text at, is none. */
function foldCharacter(character: string): string {
  return character === "\0" ? "\uFFFD" : character.toUpperCase().toLowerCase();
}

/** A character that is folded to several is found whole. */
function rangeOf(
  text: string,
  { sources, start, end }: { readonly sources: readonly number[]; readonly start: number; readonly end: number },
): readonly [number, number] {
  const from = sources[start] ?? text.length;
  if (end <= start) return [from, from];
  const last = sources[end - 1] ?? text.length;
  for (let at = end; at < sources.length; at += 1) {
    const source = sources[at] as number;
    if (source > last) return [from, source];
  }
  return [from, text.length];
}

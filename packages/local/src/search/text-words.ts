/**
 * The words of a folded text, as the text index keeps them: runs of letters and digits; of scripts that put no spaces between words,
 * each character; of signs beside punctuation, each.
 */
export function wordsOf(folded: string): string[] {
  return folded.match(WORD) ?? [];
}

const UNSPACED =
  "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}";
const WORD = new RegExp(`[${UNSPACED}]|(?:(?![${UNSPACED}])[\\p{L}\\p{N}\\p{M}])+|(?![ -~])\\p{S}`, "gu");
const ALONE = new RegExp(`^(?:[${UNSPACED}]|\\p{S})$`, "u");

/** Whether a word stands by itself, whatever is beside it: it never is a part of another one. */
export function standsAlone(word: string): boolean {
  return ALONE.test(word);
}

/** The longest word that is kept whole; a longer one is kept in pieces, and a term that it holds is looked for otherwise. */
export const WORD_MAX_UNITS = 64;

const PLAIN = /^[a-z0-9]+$/;

/**
 * A word in letters that every tokenizer takes as one word: others are told by their codes, so that what a word begins with, its
 * encoding begins with too.
 */
export function encodeWord(word: string): string {
  return PLAIN.test(word) ? word : encodeUnits(word);
}

/** The encodings that words which begin so may begin with. */
export function encodedBeginnings(word: string): string[] {
  return PLAIN.test(word) ? [word, encodeUnits(word)] : [encodeUnits(word)];
}

function encodeUnits(word: string): string {
  let encoded = "zq";
  for (let at = 0; at < word.length; at += 1) encoded += word.charCodeAt(at).toString(16).padStart(4, "0");
  return encoded;
}

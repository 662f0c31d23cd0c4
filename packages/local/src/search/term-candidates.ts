import type { IndexDatabase } from "../index/index-database.js";
import { LONG_WORD } from "./text-document.js";
import { encodedBeginnings, encodeWord, standsAlone, wordsOf } from "./text-words.js";

/** Words of which a term may be a part, and more are too many to be worth asking for. */
const WORDS_MAX = 300;

/**
 * What the text index is asked for a folded term: documents that may hold it, and no other holds it. Null when the index cannot tell:
 * then every document may.
 */
export function matchExpression(index: IndexDatabase, term: string): string | null {
  const words = wordsOf(term);
  const [first, ...rest] = words;
  if (first === undefined) return null;
  const last = rest.at(-1);
  const conditions: string[] = [];
  if (last === undefined) addPart(conditions, standsAlone(first) ? [encodeWord(first)] : wordsWith(index, first));
  else {
    // The first word of a term may be the end of one, and the last the beginning.
    const isFirstWhole = standsAlone(first);
    const whole = [...(isFirstWhole ? [first] : []), ...rest.slice(0, -1), ...(standsAlone(last) ? [last] : [])];
    if (whole.length > 0) conditions.push(`"${whole.map(encodeWord).join(" ")}"`);
    if (!isFirstWhole) addPart(conditions, wordsWith(index, first, { atEnd: true }));
    if (!standsAlone(last))
      conditions.push(
        `(${encodedBeginnings(last)
          .map((word) => `${word}*`)
          .join(" OR ")})`,
      );
  }
  if (conditions.length === 0) return null;
  return `(${conditions.join(" AND ")}) OR ${LONG_WORD}`;
}

/** Null stands for too many words: nothing is asked of this part of the term. */
function addPart(conditions: string[], words: readonly string[] | null): void {
  if (words !== null) conditions.push(`(${words.length === 0 ? NO_WORD : words.join(" OR ")})`);
}

/** No document has it. */
const NO_WORD = "zqnone";

/** The words of the index that a word is a part of, or the end of, encoded; null when they are too many. */
function wordsWith(
  index: IndexDatabase,
  word: string,
  { atEnd = false }: { readonly atEnd?: boolean } = {},
): string[] | null {
  const condition = atEnd ? "substr(word, -length(?1)) = ?1" : "instr(word, ?1) > 0";
  const rows = index.all(`SELECT word FROM text_words WHERE ${condition} LIMIT ${WORDS_MAX + 1}`, word);
  return rows.length > WORDS_MAX ? null : rows.map((row) => encodeWord(String(row.word)));
}

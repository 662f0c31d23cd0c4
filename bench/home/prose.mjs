import { RandomSource } from "./random-source.mjs";

const SYLLABLES = "ba ce di fo gu ka le mi no pu ra se ti vo xu ya zel kor tan min dra sho pel gri".split(" ");
/** Ideographs, kana, Hangul, pictographs: three or four bytes a character, the last in two UTF-16 units. */
const WIDE_RANGES = [
  [0x4e00, 0x9fa5],
  [0x3041, 0x3096],
  [0xac00, 0xd7a3],
  [0x1f300, 0x1f5ff],
];
const VOCABULARY_WORDS = 4_000;

/** Made-up words of one to four syllables. They need no escapes in JSON. */
export const LATIN_WORDS = vocabulary("latin", (random) =>
  Array.from({ length: 1 + random.below(4) }, () => SYLLABLES[random.below(SYLLABLES.length)]).join(""),
);

/** Made-up words in Chinese, Japanese and Korean characters, and emoji. */
export const WIDE_WORDS = vocabulary("wide", (random) => {
  const [first, last] = WIDE_RANGES[random.below(WIDE_RANGES.length)];
  const characters = Array.from({ length: 1 + random.below(3) }, () => first + random.below(last - first + 1));
  return String.fromCodePoint(...characters);
});

function vocabulary(name, makeWord) {
  const random = RandomSource.named(VOCABULARY_WORDS, name);
  return Array.from({ length: VOCABULARY_WORDS }, () => makeWord(random));
}

/** Text of a length in UTF-16 units, the same for the same random source. Few words are frequent, as in real text. */
export function prose(random, { length, words }) {
  let text = "";
  while (text.length < length) text += `${words[Math.floor(random.fraction() ** 3 * words.length)]} `;
  // A cut through an emoji would leave half a character, which no file holds.
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, ".");
}

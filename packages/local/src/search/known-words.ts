import type { IndexDatabase } from "../index/index-database.js";

const KNOWN_WORDS_MAX = 200_000;

/** Words that are in the index, so that each is put there once: of one database, and as many as are worth remembering. */
export class KnownWords {
  readonly #words = new Set<string>();
  #generation = -1;

  /** The words that are not known yet; from now on they are. */
  takeNew(index: IndexDatabase, words: Iterable<string>): string[] {
    if (index.generation !== this.#generation || this.#words.size > KNOWN_WORDS_MAX) this.#words.clear();
    this.#generation = index.generation;
    const fresh: string[] = [];
    for (const word of words) {
      if (this.#words.has(word)) continue;
      this.#words.add(word);
      fresh.push(word);
    }
    return fresh;
  }

  /** What was taken was not saved. */
  forget(): void {
    this.#words.clear();
  }
}

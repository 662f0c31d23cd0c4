import { foldText } from "@threadstore/core/driver";
import { encodeWord, WORD_MAX_UNITS, wordsOf } from "./text-words.js";

/** Stands in a document for words that are too long to be kept. */
export const LONG_WORD = "zqlong";

/** Where lines of a rollout lie. */
export interface LineRange {
  readonly start: number;
  readonly end: number;
  /** How many lines come before the first, blank ones left out. */
  readonly firstLine: number;
}

/** A run of lines of a rollout whose messages are found together. */
export interface TextDocument extends LineRange {
  /** The words as the index keeps them, one after the other. */
  readonly words: string;
}

/** Gathers the messages of lines into documents of a size that is quickly looked through. */
export class DocumentMaker {
  readonly documents: TextDocument[] = [];
  /** The words that were met, as they are; long ones are left out. */
  readonly vocabulary = new Set<string>();
  readonly #words: string[] = [];
  readonly #texts = new Set<string>();
  #first: Pick<LineRange, "start" | "firstLine"> = { start: 0, firstLine: 0 };
  #end = 0;
  #units = 0;

  add(line: LineRange, texts: readonly string[]): void {
    if (texts.length === 0) return;
    if (this.#words.length > 0 && this.#isFull(line)) this.close();
    if (this.#words.length === 0) this.#first = line;
    this.#end = line.end;
    for (const text of texts) this.#addText(text);
  }

  /** Ends the document that is being made. */
  close(): void {
    if (this.#words.length > 0) {
      const { start, firstLine } = this.#first;
      this.documents.push({ start, end: this.#end, firstLine, words: this.#words.join(" ") });
    }
    this.#words.length = 0;
    this.#texts.clear();
    this.#units = 0;
  }

  #isFull({ end }: LineRange): boolean {
    return this.#units >= DOCUMENT_UNITS || end - this.#first.start > DOCUMENT_BYTES;
  }

  /** What is recorded both for people and for the model is kept once. */
  #addText(text: string): void {
    if (this.#texts.has(text)) return;
    this.#texts.add(text);
    this.#units += text.length;
    for (const word of wordsOf(foldText(text).text)) {
      if (word.length > WORD_MAX_UNITS) this.#words.push(LONG_WORD);
      else {
        this.#words.push(encodeWord(word));
        this.vocabulary.add(word);
      }
    }
    // Words of two texts never stand beside one another.
    this.#words.push(TEXT_END);
  }
}

const TEXT_END = "zqend";
/** A document that holds a term is read again to find where: it is to be small, and not so small that there are too many. */
const DOCUMENT_UNITS = 4_096;
const DOCUMENT_BYTES = 256 * 1024;

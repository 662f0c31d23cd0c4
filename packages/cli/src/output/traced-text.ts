import { CONTROL, SEQUENCE } from "./plain-text.js";

/** A text as one line of plain characters, and where in the text itself each of its UTF-16 units stood. */
export interface TracedText {
  readonly text: string;
  readonly sources: readonly number[];
}

/** Makes a text plain as `plainText` does, its ends apart, so that places in it can be found again. */
export function tracePlainText(text: string): TracedText {
  const whole = { text, sources: Array.from({ length: text.length }, (_, at) => at) };
  return replaceTraced(replaceTraced(whole, SEQUENCE, ""), CONTROL, " ");
}

/** The offset in the plain text of what stood at an offset of the text itself, or of what is left behind it. */
export function plainOffset({ text, sources }: TracedText, offset: number): number {
  const at = sources.findIndex((source) => source >= offset);
  return at < 0 ? text.length : at;
}

function replaceTraced({ text, sources }: TracedText, pattern: RegExp, replacement: "" | " "): TracedText {
  const texts: string[] = [];
  const kept: (readonly number[])[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(pattern)) {
    texts.push(text.slice(end, index), replacement);
    kept.push(sources.slice(end, index), sources.slice(index, index + replacement.length));
    end = index + found.length;
  }
  return { text: [...texts, text.slice(end)].join(""), sources: [...kept, sources.slice(end)].flat() };
}

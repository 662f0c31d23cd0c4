/** Text of a conversation as one line of plain characters: what a terminal would obey is taken out. */
export function plainText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this takes out.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g, " ").trim();
}

/** The same, but with its line breaks. */
export function plainLines(text: string): string {
  return text.split(/\r?\n/).map(plainText).join("\n");
}

/** What a terminal would obey, or would show out of order. A space stands for it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about.
export const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g;

/**
 * Sequences for colours and cursors, character sets, and for titles and links. Each is told exactly, so that no text goes
 * with them; what is no whole sequence loses its control characters only.
 */
export const SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about.
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b[()][0-9A-Z]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0000-\u001f\u007f-\u009f]*(?:\u0007|\u001b\\|\u009c)/g;

/** Text of a conversation as one line of plain characters: what a terminal would obey is taken out. */
export function plainText(text: string): string {
  return visibleCharacters(text).trim();
}

/** The same, but with its line breaks and what its lines are indented by. */
export function plainLines(text: string): string {
  return text.split(LINE_BREAK).map(plainLine).join("\n");
}

/** A carriage return alone begins a line as well: progress bars write over themselves with it. */
export const LINE_BREAK = /\r\n|\n|\r/;

const TAB = "    ";

/** One line of a longer text. */
export function plainLine(line: string): string {
  return visibleCharacters(line.replaceAll("\t", TAB)).trimEnd();
}

function visibleCharacters(text: string): string {
  return text.replace(SEQUENCE, "").replace(CONTROL, " ");
}

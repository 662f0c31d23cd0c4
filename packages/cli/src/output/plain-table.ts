import { colors } from "./colors.js";

const WIDTH_MIN = 60;
const WIDTH_PIPED = 120;

/** How many characters a line of a table may have: what the terminal shows, or a fixed number in a pipe. */
export function tableWidth(): number {
  return Math.max(process.stdout.columns ?? WIDTH_PIPED, WIDTH_MIN);
}

export interface Column {
  readonly head: string;
  /** The space behind it included. */
  readonly width: number;
  readonly isNumber?: boolean;
}

/** Rows as a table without borders, a line each; what does not fit is cut. */
export async function plainTable(columns: readonly Column[], rows: readonly (readonly string[])[]): Promise<string> {
  // Most programs that run a command ask for JSON.
  const { default: Table } = await import("cli-table3");
  const table = new Table({
    head: columns.map(({ head }) => colors.bold(head)),
    colWidths: columns.map(({ width }) => width),
    colAligns: columns.map(({ isNumber }) => (isNumber ? "right" : "left")),
    chars: NO_BORDERS,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 1 },
  });
  for (const row of rows) table.push([...row]);
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

const NO_BORDERS = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "",
};

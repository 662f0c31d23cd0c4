import type { ApiThreadItem } from "@threadstore/codex-wire";
import { asJsonObject } from "@threadstore/core";
import type { Colors } from "../output/colors.js";
import { LINE_BREAK, plainLine } from "../output/plain-text.js";
import { shorten } from "../output/shorten.js";
import { describeItem, type ItemDescription } from "./describe-item.js";
import { fileChangesInFull } from "./file-changes.js";

export interface TranscriptStyle {
  readonly colors: Colors;
  /** Whether outputs, reasoning and diffs are printed whole. */
  readonly isFull: boolean;
}

/** An item as it stands in a transcript, with a line break at its end. Messages are whole, outputs are their first lines. */
export function formatItem(item: ApiThreadItem, style: TranscriptStyle): string {
  const description = describeItem(item);
  const { label, title, tone, outcome, isFailure } = description;
  const { colors } = style;
  const isSpoken = tone === "user" || tone === "agent";
  const [firstTitle = "", ...moreTitle] = linesOf(title, style.isFull ? NO_BOUNDS : TITLE_BOUNDS);
  const text = linesOf(textOf(item, description, style), boundsOf(tone, style));
  const bodyColor = tone === "tool" ? colors.dim : (line: string) => line;
  return [
    [colorOf(tone, colors)(plainLine(label)), firstTitle].filter(Boolean).join(" "),
    ...moreTitle.map((line) => `  ${line}`),
    ...text.map((line) => (isSpoken ? line : `  ${bodyColor(line)}`).trimEnd()),
    ...(outcome === "" ? [] : [`  ${(isFailure ? colors.red : colors.dim)(plainLine(outcome))}`]),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

interface TextBounds {
  readonly lines: number;
  readonly characters: number;
}

const NO_BOUNDS: TextBounds = { lines: Number.POSITIVE_INFINITY, characters: Number.POSITIVE_INFINITY };
const TITLE_BOUNDS: TextBounds = { lines: 5, characters: 400 };
const OUTPUT_BOUNDS: TextBounds = { lines: 10, characters: 400 };
const ASIDE_BOUNDS: TextBounds = { lines: 3, characters: 400 };

function boundsOf(tone: ItemDescription["tone"], { isFull }: TranscriptStyle): TextBounds {
  if (isFull || tone === "user" || tone === "agent") return NO_BOUNDS;
  return tone === "aside" ? ASIDE_BOUNDS : OUTPUT_BOUNDS;
}

function textOf(item: ApiThreadItem, { text }: ItemDescription, { isFull }: TranscriptStyle): string {
  if (!isFull || item.type !== "fileChange" || !Array.isArray(item.changes)) return text;
  return fileChangesInFull(item.changes.map(asJsonObject).filter((change) => change !== null));
}

/** The first lines of a text as plain characters, and how many more there are. */
function linesOf(text: string, bounds: TextBounds): string[] {
  const whole = text.trimEnd();
  if (whole === "") return [];
  const lines = whole.split(LINE_BREAK);
  const shown = lines.slice(0, bounds.lines).map((line) => plainLine(shortenLine(line, bounds)));
  const left = lines.length - shown.length;
  return left === 0 ? shown : [...shown, `… ${left} more ${left === 1 ? "line" : "lines"}`];
}

function shortenLine(line: string, { characters }: TextBounds): string {
  return Number.isFinite(characters) ? shorten(line, characters) : line;
}

function colorOf(tone: ItemDescription["tone"], colors: Colors): (text: string) => string {
  switch (tone) {
    case "user":
      return colors.green;
    case "agent":
      return colors.magenta;
    case "aside":
      return colors.dim;
    case "tool":
      return colors.cyan;
  }
}

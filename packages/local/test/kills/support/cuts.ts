import { isLong } from "../../support/runs.js";

/** What a power cut left of a file: its end is missing, or reads as zeros. */
export interface CutFile {
  /** How much of it is as it was written. */
  readonly kept: number;
  readonly kind: "missing" | "zeros";
  readonly bytes: Buffer;
}

/** Between two cuts that are tried when there is no time for all of them. */
const STEP_BYTES = 61;
const NEWLINE = 10;

/** A file of lines cut at every byte of its last lines; without the long switch at some, and near every end of a line. */
export function cutsOf(whole: Buffer, lines: number): CutFile[] {
  const ends = lineEnds(whole);
  const from = ends.at(-lines - 1) ?? 0;
  const isNearEnd = (at: number) => ends.some((end) => Math.abs(at - end) <= 2);
  const places = Array.from({ length: whole.length - from }, (_, at) => from + at);
  const chosen = places.filter((at) => isLong || isNearEnd(at) || at % STEP_BYTES === 0);
  return chosen.flatMap((kept) => [
    { kept, kind: "missing" as const, bytes: Buffer.from(whole.subarray(0, kept)) },
    {
      kept,
      kind: "zeros" as const,
      bytes: Buffer.concat([whole.subarray(0, kept), Buffer.alloc(whole.length - kept)]),
    },
  ]);
}

/** Offsets after each newline. */
export function lineEnds(bytes: Buffer): number[] {
  return [...bytes.entries()].flatMap(([at, byte]) => (byte === NEWLINE ? [at + 1] : []));
}

/** How many lines are there with their newlines. */
export function closedLines(whole: Buffer, kept: number): number {
  return lineEnds(whole).filter((end) => end <= kept).length;
}

/**
 * How many lines can be read: also the last one when nothing but its newline is missing. One that zeros follow cannot be told
 * from a line that was going on.
 */
export function readableLines(whole: Buffer, { kept, kind }: CutFile): number {
  const isWhole = kind === "missing" && lineEnds(whole).includes(kept + 1);
  return closedLines(whole, kept) + (isWhole ? 1 : 0);
}

import { InvalidArgumentError } from "commander";

const SECOND_MS = 1_000;
const DAY_MS = 24 * 60 * 60 * SECOND_MS;

const DURATION_MS: Readonly<Record<string, number>> = {
  s: SECOND_MS,
  min: 60 * SECOND_MS,
  h: 60 * 60 * SECOND_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
};

const SIZE_BYTES: Readonly<Record<string, number>> = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 };

/** Reads a duration such as `90d`, `12h` or `2w` as milliseconds. */
export function parseDuration(text: string): number {
  return parseMeasure(text, DURATION_MS, "a duration such as 90d, 12h or 2w");
}

/** Reads a size such as `100MB` or `1.5GB` as bytes; a kB has 1,000. */
export function parseSize(text: string): number {
  return parseMeasure(text, SIZE_BYTES, "a size such as 100MB or 1.5GB");
}

function parseMeasure(text: string, units: Readonly<Record<string, number>>, expected: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text.trim()) ?? [];
  const factor = unit === undefined ? undefined : new Map(Object.entries(units)).get(unit.toLowerCase());
  if (number === undefined || factor === undefined) throw new InvalidArgumentError(`must be ${expected}`);
  return Math.round(Number(number) * factor);
}

import { InvalidArgumentError } from "commander";

/** Reads an option's value as a whole number of 0 or more. */
export function parseWholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("must be a whole number");
  return Number(text);
}

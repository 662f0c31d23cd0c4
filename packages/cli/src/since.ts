import { type Instant, instantFromMs, parseInstant } from "@threadstore/core";
import { InvalidArgumentError } from "commander";
import { parseDuration } from "./measures.js";

const DAY = /^\d{4}-\d\d-\d\d$/;

/** Reads a day (its beginning, in UTC), an instant, or how long ago as in `7d`. */
export function parseSince(text: string, nowMs: number): Instant {
  const instant = parseInstant(DAY.test(text) ? `${text}T00:00:00Z` : text);
  if (instant !== null) return instant;
  if (!/^\d+(?:\.\d+)?\s*[a-z]+$/i.test(text)) throw wrong();
  return instantFromMs(nowMs - parseDuration(text));
}

function wrong(): InvalidArgumentError {
  return new InvalidArgumentError("must be a day such as 2026-11-20, an instant, or an age such as 7d or 24h");
}

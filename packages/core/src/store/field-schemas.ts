import { z } from "zod";
import { parseInstant } from "../protocol/instant.js";
import { readSessionSource } from "../protocol/session-source.js";

/** A timestamp in any recorded spelling, normalised. */
export const instantSchema = z.string().transform((text, context) => {
  const instant = parseInstant(text);
  if (instant !== null) return instant;
  context.addIssue({ code: "custom", message: `"${text.slice(0, 40)}" is not an RFC 3339 timestamp` });
  return z.NEVER;
});

/** A session source in any spelling; a word nobody knows is refused here, because the caller chose it. */
export const sessionSourceSchema = z.unknown().transform((value, context) => {
  const source = readSessionSource(value);
  if (value !== undefined && value !== null && (source !== "unknown" || value === "unknown")) return source;
  context.addIssue({ code: "custom", message: "is not a session source" });
  return z.NEVER;
});

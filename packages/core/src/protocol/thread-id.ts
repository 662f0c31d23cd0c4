import { z } from "zod";

/** The id of a thread: a UUID in lower case with hyphens. Version 7 when threadstore makes it, any version when it reads it. */
export type ThreadId = string;

const HYPHENATED = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const SIMPLE = /^[0-9a-f]{32}$/;

/** Whether a text is a thread id as this project spells it. */
export function isCanonicalThreadId(text: string): boolean {
  return HYPHENATED.test(text);
}

/**
 * Reads a UUID in any of its usual spellings (upper case, `urn:uuid:`, braces, no hyphens) and returns the one this
 * project uses, or null when the text is not a UUID.
 */
export function parseThreadId(text: string): ThreadId | null {
  const bare = text
    .toLowerCase()
    .replace(/^urn:uuid:/, "")
    .replace(/^\{(.*)\}$/, "$1");
  if (HYPHENATED.test(bare)) return bare;
  if (!SIMPLE.test(bare)) return null;
  return [bare.slice(0, 8), bare.slice(8, 12), bare.slice(12, 16), bare.slice(16, 20), bare.slice(20)].join("-");
}

/** Parses a thread id at the edge; the message never repeats more than the first 64 characters of what was given. */
export const threadIdSchema = z.string().transform((text, context) => {
  const id = parseThreadId(text);
  if (id !== null) return id;
  context.addIssue({ code: "custom", message: `invalid thread id: "${text.slice(0, 64)}" is not a UUID` });
  return z.NEVER;
});

import type { Instant } from "@threadstore/core";

/**
 * Says on standard error how to get the next page, when there is one. The cursor can be pasted into a shell. `since`: what an
 * age stood for, which will be another instant then.
 */
export function hintAtNextPage(
  nextCursor: string | null,
  { since }: { readonly since?: Instant | undefined } = {},
): void {
  if (nextCursor === null) return;
  const from = since === undefined ? "" : `--since ${since} `;
  process.stderr.write(`more: the same command with ${from}--cursor ${quoted(asciiJson(nextCursor))}\n`);
}

/** Cursors are JSON: what no terminal should see of an id in one can be spelled out. */
function asciiJson(cursor: string): string {
  return cursor.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

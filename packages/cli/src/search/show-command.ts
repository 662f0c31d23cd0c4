import type { ThreadId } from "@threadstore/core";
import { plainText } from "../output/plain-text.js";
import { shellWord } from "../output/shell-word.js";

export interface ShownPlace {
  /** The home as it was given on the command line. */
  readonly home?: string | undefined;
  readonly threadId: ThreadId;
  readonly turnId?: string | undefined;
}

/** The command that shows a thread, from a turn on, as a person copies it. */
export function showCommand({ home, threadId, turnId }: ShownPlace): string {
  const at = home === undefined || hasSecret(home) ? [] : ["--home", home];
  // Files may hold any id; one that a terminal would obey cannot be copied.
  const from = turnId === undefined || plainText(turnId) !== turnId ? [] : ["--at", turnId];
  return ["threadstore", ...at, "show", threadId, ...from].map(shellWord).join(" ");
}

/** The token of a server stands before its name. */
function hasSecret(home: string): boolean {
  return /^grpcs?:\/\/.*@/.test(home);
}

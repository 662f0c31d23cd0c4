import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { ThreadId } from "@threadstore/core";
import { isFolder } from "../open-store.js";
import { shellWord } from "../output/shell-word.js";

/** The command with which the real Codex goes on with a thread. It is told of a home that it would not look into by itself. */
export function resumeCommand(threadId: ThreadId, home: string, environment: NodeJS.ProcessEnv = process.env): string {
  const own = environment.CODEX_HOME ?? join(homedir(), ".codex");
  const isOwn = !isFolder(home) || resolve(home) === resolve(own);
  return `${isOwn ? "" : `CODEX_HOME=${shellWord(resolve(home))} `}codex resume ${threadId}`;
}

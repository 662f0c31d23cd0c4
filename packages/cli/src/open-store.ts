import { homedir } from "node:os";
import { join } from "node:path";
import { MemoryThreadStore, type ThreadStore, ThreadStoreError } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import type { Command } from "commander";

const MEMORY_PREFIX = "memory:";

/** The home a command is about: the option, else the environment, else Codex's own. */
function homeOf(command: Command): string {
  const { home } = command.optsWithGlobals<{ home?: string }>();
  return home ?? process.env.THREADSTORE_HOME ?? process.env.CODEX_HOME ?? join(homedir(), ".codex");
}

/** Opens the store a command is about. The caller closes it. */
export function openStore(command: Command): ThreadStore {
  const home = homeOf(command);
  if (home.startsWith(MEMORY_PREFIX)) return MemoryThreadStore.forId(home.slice(MEMORY_PREFIX.length));
  return openLocalThreadStore({ home });
}

/** The folder of the home, for commands that look after files. @throws `invalid_request` for a store without any. */
export function folderOf(command: Command): string {
  const home = homeOf(command);
  if (!home.startsWith(MEMORY_PREFIX)) return home;
  throw new ThreadStoreError("invalid_request", `${command.name()} looks after files: ${home} has none`);
}

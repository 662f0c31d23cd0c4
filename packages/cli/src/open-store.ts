import { homedir } from "node:os";
import { join } from "node:path";
import { MemoryThreadStore, type ThreadStore, ThreadStoreError } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import type { Command } from "commander";

const MEMORY_PREFIX = "memory:";
/** A server, with or without TLS. */
const SERVER = /^grpcs?:\/\//;

/** The home a command is about: the option, else the environment, else Codex's own. */
export function homeOf(command: Command): string {
  const { home } = command.optsWithGlobals<{ home?: string }>();
  return home ?? process.env.THREADSTORE_HOME ?? process.env.CODEX_HOME ?? join(homedir(), ".codex");
}

/** Whether a home is a folder with files, and neither a server nor in memory. */
export function isFolder(home: string): boolean {
  return !SERVER.test(home) && !home.startsWith(MEMORY_PREFIX);
}

/** Opens the store a command is about. The caller closes it. */
export async function openStore(command: Command): Promise<ThreadStore> {
  const home = homeOf(command);
  if (home.startsWith(MEMORY_PREFIX)) return MemoryThreadStore.forId(home.slice(MEMORY_PREFIX.length));
  if (!SERVER.test(home)) return openLocalThreadStore({ home });
  // Loading gRPC takes longer than most commands.
  const { openRemoteThreadStore } = await import("@threadstore/remote");
  return openRemoteThreadStore({ protocol: "codex.v1", endpoint: home });
}

/** The folder of the home, for commands that look after files. @throws `invalid_request` for a store without any. */
export function folderOf(command: Command): string {
  const home = homeOf(command);
  if (SERVER.test(home)) throw withoutFiles(command, "a server's are its own");
  if (home.startsWith(MEMORY_PREFIX)) throw withoutFiles(command, `${home} has none`);
  return home;
}

function withoutFiles(command: Command, why: string): ThreadStoreError {
  return new ThreadStoreError("invalid_request", `${command.name()} looks after files: ${why}`);
}

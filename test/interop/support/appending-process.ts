import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ThreadId } from "@threadstore/core";

const SCRIPT = fileURLToPath(new URL("append-until-killed.mjs", import.meta.url));

export interface AppendingProcess {
  readonly home: string;
  readonly threadId: ThreadId;
  readonly rolloutPath: string;
  /** After this many turns it is killed as soon as the rollout grows, which is in the middle of a long write. */
  readonly turns: number;
}

/** What a process had acknowledged when it was killed. */
export interface Acknowledged {
  readonly turns: number;
  readonly nextOrdinal: number;
}

/** Runs a process of ours, with the built store, that appends turns to a paginated thread, and kills it in doing so. */
export async function killAppendingProcess(appending: AppendingProcess): Promise<Acknowledged> {
  const { home, threadId, rolloutPath, turns } = appending;
  const child = spawn(process.execPath, [SCRIPT, home, threadId, String(turns)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  let acknowledged: Acknowledged = { turns: 0, nextOrdinal: 0 };
  for await (const line of createInterface({ input: child.stdout })) {
    const [number = 0, nextOrdinal = 0] = line.split(" ").map(Number);
    acknowledged = { turns: number, nextOrdinal };
    if (number === turns) killWhenGrowing(child, rolloutPath);
  }
  const [, signal] = await exited;
  if (signal !== "SIGKILL") throw new Error(`the appending process ended by itself after ${acknowledged.turns} turns`);
  return acknowledged;
}

function killWhenGrowing(child: ChildProcess, path: string): void {
  const { size } = statSync(path);
  const look = () => {
    if (statSync(path).size > size) child.kill("SIGKILL");
    else if (child.exitCode === null) setImmediate(look);
  };
  look();
}

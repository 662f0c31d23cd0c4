import { existsSync, readdirSync, utimesSync, watch } from "node:fs";
import { dirname, join } from "node:path";
import type { CodexHome } from "./codex-home.js";

const APPEAR_TIMEOUT_MS = 60_000;

/** The rollouts of a home, plain and compressed ones, as absolute paths in order. */
export function listRollouts({ path }: CodexHome): string[] {
  return ["sessions", "archived_sessions"]
    .map((folder) => join(path, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)))
    .filter((name) => /\.jsonl(\.zst)?$/.test(name))
    .sort();
}

/** Makes rollouts old enough for the real one to compress them; gives the time that they have then. */
export function ageRollouts(paths: readonly string[]): number {
  const at = Math.floor(Date.now() / 1000) - 8 * 24 * 60 * 60;
  for (const path of paths) utimesSync(path, at, at);
  return at * 1000;
}

/** Resolves when each of these rollouts is compressed and its plain file is gone. */
export async function waitForCompression(paths: readonly string[]): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const waiting = () => paths.filter((path) => existsSync(path) || !existsSync(`${path}.zst`));
    const look = () => {
      if (waiting().length === 0) finish(resolve);
    };
    const timer = setTimeout(
      () => finish(() => reject(new Error(`not compressed after ${APPEAR_TIMEOUT_MS} ms: ${waiting().join(", ")}`))),
      APPEAR_TIMEOUT_MS,
    );
    const watchers = [...new Set(paths.map(dirname))].map((folder) => watch(folder, look));
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
      settle();
    };
    // What was compressed before the folders were watched.
    look();
  });
}

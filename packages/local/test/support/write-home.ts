import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { SeedThread } from "@threadstore/conformance";
import { formatRolloutLine, type StoredItem } from "@threadstore/core";

/** An empty home in a folder of its own. */
export function makeHome(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(realpathSync(tmpdir()), "threadstore-home-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Writes threads into a home as the real Codex would leave them. */
export function writeThreads(home: string, threads: readonly SeedThread[]): void {
  for (const thread of threads) {
    const path = join(home, rolloutPath(thread));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, rolloutText(thread.items, thread.historyMode));
    if (thread.name === undefined) continue;
    const entry = { id: thread.threadId, thread_name: thread.name, updated_at: "unknown" };
    appendFileSync(join(home, "session_index.jsonl"), `${JSON.stringify(entry)}\n`);
  }
}

export function rolloutText(items: readonly StoredItem[], historyMode: "paginated" | "legacy"): string {
  return items
    .map(({ timestamp, ordinal, json }) =>
      formatRolloutLine({ timestamp, ordinal: historyMode === "legacy" ? undefined : ordinal, json }),
    )
    .join("");
}

function rolloutPath({ threadId, items, isArchived }: SeedThread): string {
  const createdAt = items[0]?.timestamp ?? "1970-01-01T00:00:00.000Z";
  const name = `rollout-${createdAt.slice(0, 19).replaceAll(":", "-")}-${threadId}.jsonl`;
  return isArchived ? `archived_sessions/${name}` : `sessions/${createdAt.slice(0, 10).replaceAll("-", "/")}/${name}`;
}

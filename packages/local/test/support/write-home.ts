import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { exportThreads, ManualClock, type SeedThread } from "@threadstore/conformance";
import { formatRolloutLine, openMemoryThreadStore, type StoredItem } from "@threadstore/core";

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

function rolloutText(items: readonly StoredItem[], historyMode: "paginated" | "legacy"): string {
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

/** Fills a home with small threads, of which every third is legacy. */
export async function seedHome(home: string, count: number, options: { readonly first?: number } = {}): Promise<void> {
  const clock = new ManualClock();
  await using reference = openMemoryThreadStore({ clock });
  for (let at = 0; at < count; at++) {
    clock.advance(1_000);
    const threadId = `01900000-0000-7000-8000-${String((options.first ?? 0) + at).padStart(12, "0")}`;
    const metadata = {
      cwd: "/project",
      originator: "test",
      cliVersion: "1.0.0",
      source: "cli",
      modelProvider: "p",
    } as const;
    await reference.createThread({ threadId, metadata, historyMode: at % 3 === 2 ? "legacy" : "paginated" });
    const content = [{ type: "text", text: `message ${at}` }];
    const items = [
      { type: "event_msg", payload: { type: "user_message", message: `message ${at}` } },
      { type: "event_msg", payload: { type: "item_completed", item: { type: "UserMessage", id: "u", content } } },
    ];
    await reference.appendItems({ threadId, items });
  }
  writeThreads(home, await exportThreads(reference));
}

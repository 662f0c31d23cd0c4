import type { ThreadId, ThreadStore } from "@threadstore/core";
import { expect } from "vitest";
import type { AppServerClient } from "./app-server-client.js";
import { listCodexIds } from "./codex-threads.js";
import { listOurIds } from "./our-threads.js";

/** The lists of one side, active and archived. */
interface Lists {
  readonly active: readonly ThreadId[];
  readonly archived: readonly ThreadId[];
}

/** Both sides list these threads, whatever their order, each once, when they look at the files. */
export async function expectBothToList(codex: AppServerClient, store: ThreadStore, lists: Lists): Promise<void> {
  const theirs = { active: await listCodexIds(codex), archived: await listCodexIds(codex, { archived: true }) };
  const ours = { active: await listOurIds(store), archived: await listOurIds(store, { archived: true }) };
  expect(sorted(theirs)).toEqual(sorted(lists));
  expect(sorted(ours)).toEqual(sorted(lists));
}

/** What the real one lists from its database alone, which does not look at the files. */
export async function expectDatabaseToList(codex: AppServerClient, lists: Lists): Promise<void> {
  const useStateDbOnly = true;
  const active = await listCodexIds(codex, { useStateDbOnly });
  const archived = await listCodexIds(codex, { useStateDbOnly, archived: true });
  expect(sorted({ active, archived })).toEqual(sorted(lists));
}

function sorted({ active, archived }: Lists): Lists {
  return { active: [...active].sort(), archived: [...archived].sort() };
}

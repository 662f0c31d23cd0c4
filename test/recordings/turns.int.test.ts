import { toApiTurn } from "@threadstore/codex-wire";
import type { ThreadStore, TurnItemsView } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyFixtureHome, type FixtureHome, readRecordings } from "../support/fixture-home.js";

interface TurnsCall {
  readonly threadId: string;
  readonly sortDirection?: "asc" | "desc";
  readonly itemsView?: TurnItemsView;
}

describe.each(["home169", "home128"] as const)("turns of %s", (name) => {
  const recordings = readRecordings(`${name}-by-0.169.0`, "turns-list").filter(({ response }) => response.result);
  let home: FixtureHome;
  let store: ThreadStore;

  beforeAll(() => {
    home = copyFixtureHome(name);
    store = openLocalThreadStore({ home: home.path });
  });

  afterAll(async () => {
    await store[Symbol.asyncDispose]();
    home.remove();
  });

  it.each(recordings.map(({ label, request, response }) => ({ label, request, response })))(
    "$label",
    async ({ request, response }) => {
      const call = request.params as unknown as TurnsCall;
      const page = await store.listTurns({ ...call, includeArchived: true });
      const { data } = response.result as { data: unknown[] };
      const ours = page.data.map((turn) => toApiTurn(turn));
      // Difference 6: after a rollback no item id is given again, as they are there.
      if (isRolledBack(request.params?.threadId)) expect(withoutItemIds(ours)).toEqual(withoutItemIds(data));
      else expect(ours).toEqual(data);
    },
  );

  function isRolledBack(threadId: unknown): boolean {
    return [home.ids.rolledback, home.ids.legacy_rolledback].includes(String(threadId));
  }
});

function withoutItemIds(turns: readonly unknown[]): unknown {
  return JSON.parse(JSON.stringify(turns).replaceAll(/"id":"item-\d+"/g, '"id":"item"'));
}

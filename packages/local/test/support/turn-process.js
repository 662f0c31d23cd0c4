// A process that pages the turns of a thread as it is told, and sends what it saw.
import { openLocalThreadStore } from "@threadstore/local";

const [home, task] = [process.argv[2], JSON.parse(process.argv[3])];
const { threadId } = task;
const store = openLocalThreadStore({ home });

async function allTurns(sortDirection, itemsView) {
  const seen = [];
  for (let cursor; ; ) {
    const page = await store.listTurns({
      threadId,
      sortDirection,
      itemsView,
      pageSize: 100,
      ...(cursor ? { cursor } : {}),
    });
    for (const turn of page.data) seen.push([turn.turnId, turn.items.map((item) => item.itemId)]);
    if (page.nextCursor === null) return seen;
    cursor = page.nextCursor;
  }
}

const tasks = {
  /** Shows every turn, oldest first, which takes an index of all of them. */
  async all() {
    return { turns: await allTurns("asc", "full") };
  },

  /** Shows the last turn only, and lives on until it is told to end. */
  async last() {
    const page = await store.listTurns({ threadId, pageSize: 1 });
    process.send({ first: page.data.map((turn) => turn.turnId) });
    const alive = setInterval(() => undefined, 1_000);
    await new Promise((resolve) => process.once("message", resolve));
    clearInterval(alive);
    return {};
  },

  /** Shows the last turn, and leaves without closing its store while turns are being indexed. */
  async leave() {
    const page = await store.listTurns({ threadId, pageSize: 1 });
    process.send({ first: page.data.map((turn) => turn.turnId) });
    await new Promise((resolve) => setTimeout(resolve, 300));
    process.disconnect();
  },

  /** Shows every page, newest and oldest first, and says how much memory that took at most. */
  async measured() {
    const turns = await allTurns("desc", "summary");
    const again = await allTurns("asc", task.view ?? "summary");
    return { turns, isSame: JSON.stringify(turns.toReversed()) === JSON.stringify(again), ...usage() };
  },
};

function usage() {
  return { peakBytes: process.resourceUsage().maxRSS * 1024 };
}

process.send({ started: true });
const outcome = await tasks[task.type]();
if (outcome) {
  await store[Symbol.asyncDispose]();
  process.send({ outcome });
  process.disconnect();
}

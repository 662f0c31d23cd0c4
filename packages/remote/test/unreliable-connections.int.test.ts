import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isThreadStoreError, type StoredItem, type ThreadStore } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import { openRemoteThreadStore, type RemoteServer, serveRemote } from "@threadstore/remote";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { threadId } from "./support/served-threads.js";
import { type Trouble, UnreliableProxy } from "./support/unreliable-proxy.js";

/** Appends to each thread; more when the long suites are run. */
const APPENDS = process.env.THREADSTORE_MODEL_RUNS === undefined ? 100 : 2_000;
/** Milliseconds that a test may take. */
const TIMEOUT_MS = 10 * 60 * 1_000;
const THREADS = [1, 2, 3, 4].map(threadId);
const METADATA = {
  cwd: "/project",
  originator: "test",
  cliVersion: "0",
  source: "cli",
  modelProvider: "fake",
} as const;
const SEED = 20_261_121;

let home: string;
let clients: ThreadStore[];
let serving: Serving[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "threadstore-unreliable-"));
  clients = [];
  serving = [];
});

afterEach(async () => {
  await Promise.allSettled(clients.map((client) => client[Symbol.asyncDispose]()));
  for (const one of serving) await one.end();
  rmSync(home, { recursive: true, force: true });
});

/** A server of the home, with a store of its own. */
interface Serving {
  readonly server: RemoteServer;
  readonly store: ThreadStore;
  /** Ends every call at once. */
  end(): Promise<void>;
}

async function serveHome(port = 0): Promise<Serving> {
  const store = openLocalThreadStore({ home, durability: "os" });
  const server = await serveRemote({ stores: { forTenant: async () => store }, host: "127.0.0.1", port });
  const one = {
    server,
    store,
    end: async () => {
      server.stop();
      await store[Symbol.asyncDispose]();
    },
  };
  serving.push(one);
  return one;
}

function openRemote(port: number, reconnectMs: number): ThreadStore {
  const store = openRemoteThreadStore({ protocol: "codex.v1", endpoint: `grpc://127.0.0.1:${port}`, reconnectMs });
  clients.push(store);
  return store;
}

/** Connections live for a few calls, and are cut at any byte, of a request or of an answer. */
function trouble(): Trouble {
  let state = SEED;
  const draw = ([least, most]: readonly [number, number]) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return least + ((state >>> 8) % (most - least + 1));
  };
  return { cutAfterBytes: { up: [200, 12_000], down: [60, 3_000] }, delayMs: [0, 1], draw };
}

function item(number: number): { readonly json: string } {
  return { json: JSON.stringify({ type: "response_item", payload: { type: "test", number } }) };
}

function numbersOf(items: readonly StoredItem[]): number[] {
  return items.flatMap(({ item: { type, payload } }) =>
    type === "response_item" ? [(payload as { readonly number: number }).number] : [],
  );
}

/** Counts appends that were acknowledged. */
class Progress {
  #done = 0;
  readonly #awaited: { readonly done: number; readonly resolve: () => void }[] = [];

  count(): void {
    this.#done++;
    for (const { resolve } of this.#awaited.filter(({ done }) => done === this.#done)) resolve();
  }

  /** Resolves when so many more are. */
  more(count: number): Promise<void> {
    return new Promise((resolve) => this.#awaited.push({ done: this.#done + count, resolve }));
  }
}

/** Appends numbers one after the other; tells which were acknowledged, and which were not. */
async function appendNumbers(
  store: ThreadStore,
  { id, progress }: { readonly id: string; readonly progress: Progress },
): Promise<{ acknowledged: number[]; failed: number[] }> {
  const outcome = { acknowledged: [] as number[], failed: [] as number[] };
  for (let number = 0; number < APPENDS; number++) {
    try {
      await store.appendItems({ threadId: id, items: [item(number)] });
      outcome.acknowledged.push(number);
      progress.count();
    } catch (error) {
      if (!isThreadStoreError(error, "unavailable")) throw error;
      outcome.failed.push(number);
    }
  }
  return outcome;
}

/** What is stored of the numbers that a client appended to a thread, beside what it was told. */
async function checkStored(
  id: string,
  { acknowledged, failed }: { readonly acknowledged: readonly number[]; readonly failed: readonly number[] },
): Promise<{ readonly lost: number; readonly doubled: number }> {
  await using store = openLocalThreadStore({ home });
  const stored = numbersOf((await store.loadHistory({ threadId: id })).items);
  const once = new Set(stored);
  expect(stored).toStrictEqual(stored.toSorted((a, b) => a - b));
  expect([...once].filter((number) => !acknowledged.includes(number) && !failed.includes(number))).toStrictEqual([]);
  return {
    lost: acknowledged.filter((number) => !once.has(number)).length,
    doubled: stored.length - once.size,
  };
}

/** Appends to all threads at once while something happens; tells what became of it. */
async function appendDuring(client: ThreadStore, happening: (progress: Progress) => Promise<void>) {
  const progress = new Progress();
  for (const id of THREADS) await client.createThread({ threadId: id, metadata: METADATA });
  const appends = THREADS.map((id) => appendNumbers(client, { id, progress }));
  await happening(progress);
  const outcomes = await Promise.all(appends);
  await Promise.allSettled([client[Symbol.asyncDispose]()]);
  for (const one of serving) await one.end();
  const sums = { acknowledged: 0, failed: 0, lost: 0, doubled: 0 };
  for (const [at, outcome] of outcomes.entries()) {
    const { lost, doubled } = await checkStored(THREADS[at] as string, outcome);
    sums.acknowledged += outcome.acknowledged.length;
    sums.failed += outcome.failed.length;
    sums.lost += lost;
    sums.doubled += doubled;
  }
  return sums;
}

const ALL = THREADS.length * APPENDS;
/** How often the server, or the way to it, is away. */
const AWAY = 5;

describe("a client whose connections are delayed and cut", { timeout: TIMEOUT_MS }, () => {
  it("stores every append once and in order, as it is sent again", async () => {
    const { server } = await serveHome();
    await using proxy = new UnreliableProxy(server.port, trouble());
    await proxy.start();
    const sums = await appendDuring(openRemote(proxy.port, 60_000), async (progress) => {
      for (let times = 0; times < AWAY; times++) {
        await progress.more(ALL / (2 * AWAY));
        await proxy.stop();
        await proxy.start();
      }
    });
    report("sent again", { ...sums, cuts: proxy.cuts });
    expect(sums).toStrictEqual({ acknowledged: ALL, failed: 0, lost: 0, doubled: 0 });
    expect(proxy.cuts).toBeGreaterThan(20);
  });

  it("stores what was acknowledged, and of the rest nothing twice, when nothing is sent again", async () => {
    const { server } = await serveHome();
    await using proxy = new UnreliableProxy(server.port, trouble());
    await proxy.start();
    const sums = await appendDuring(openRemote(proxy.port, 0), async () => {});
    report("not sent again", { ...sums, cuts: proxy.cuts });
    expect(sums).toMatchObject({ lost: 0, doubled: 0 });
    expect(sums.failed).toBeGreaterThan(10);
  });
});

describe("a client whose server is restarted", { timeout: TIMEOUT_MS }, () => {
  it("stores every append once and in order", async () => {
    let { server } = await serveHome();
    const { port } = server;
    const client = openRemote(port, 60_000);
    const sums = await appendDuring(client, async (progress) => {
      for (let times = 0; times < AWAY; times++) {
        await progress.more(ALL / (2 * AWAY));
        if (times % 2 === 0) await server.drain();
        await (serving.at(-1) as Serving).end();
        ({ server } = await serveHome(port));
      }
    });
    report("server restarted", { ...sums, restarts: AWAY });
    expect(sums).toStrictEqual({ acknowledged: ALL, failed: 0, lost: 0, doubled: 0 });
  });
});

function report(name: string, counts: Readonly<Record<string, number>>): void {
  const text = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
  process.stdout.write(`\nunreliable connections, ${name}: ${text.join(", ")}\n`);
}

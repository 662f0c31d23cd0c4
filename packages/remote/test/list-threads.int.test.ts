import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  SessionSourceKind as Kind,
  type ListThreadsRequest,
  SortDirection,
  ThreadSortKey,
} from "../src/gen/codex/thread_store/v1/thread_store_pb.js";
import type { CodexClient } from "./support/codex-client.js";
import { ServedThreads, threadId, type WrittenThread, writeThread } from "./support/served-threads.js";

const { ASC, DESC } = SortDirection;

let served: ServedThreads;
let client: CodexClient;

beforeEach(async () => {
  served = new ServedThreads();
  client = await served.serve();
});

afterEach(() => served[Symbol.asyncDispose]());

/** Threads 1, 2, 3 and so on, a second apart. */
async function writeThreads(...threads: readonly WrittenThread[]): Promise<void> {
  for (const [at, thread] of threads.entries()) {
    served.clock.advance(1_000);
    await writeThread(client, { id: threadId(at + 1), ...thread });
  }
}

interface NumberedPage {
  readonly numbers: readonly number[];
  readonly nextCursor: string | undefined;
}

type Query = Partial<
  Omit<ListThreadsRequest, "$typeName" | "$unknown" | "allowedSources" | "modelProviderFilter" | "cwdFilter">
> & {
  readonly allowedSources?: { readonly kind: Kind; readonly custom?: string }[];
  readonly modelProviderFilter?: { readonly values: string[] };
  readonly cwdFilter?: { readonly values: string[] };
};

/** A page, its threads by their numbers. */
async function list(query: Query = {}): Promise<NumberedPage> {
  const { threads, nextCursor } = await client.listThreads({ pageSize: 25, ...query });
  return { numbers: threads.map((thread) => Number(thread.threadId.slice(-6))), nextCursor };
}

async function numbers(query: Query = {}): Promise<readonly number[]> {
  return (await list(query)).numbers;
}

describe("pages", () => {
  beforeEach(() => writeThreads({}, {}, {}, {}, {}));

  it("a page continues with another page size, and the last one has no cursor", async () => {
    const first = await list({ pageSize: 2, sortDirection: DESC });
    expect(first.numbers).toStrictEqual([5, 4]);
    const second = await list({ pageSize: 1, sortDirection: DESC, cursor: first.nextCursor });
    expect(second.numbers).toStrictEqual([3]);
    const last = await list({ pageSize: 25, sortDirection: DESC, cursor: second.nextCursor });
    expect(last).toStrictEqual({ numbers: [2, 1], nextCursor: undefined });
  });

  it("a page that is just full is the last one when nothing follows", async () => {
    expect(await list({ pageSize: 5 })).toStrictEqual({ numbers: [1, 2, 3, 4, 5], nextCursor: undefined });
  });

  it("a page of none has one, and a page of too many as many as there are", async () => {
    expect(await numbers({ pageSize: 0 })).toStrictEqual([1]);
    expect(await numbers({ pageSize: 4_294_967_295 })).toStrictEqual([1, 2, 3, 4, 5]);
  });

  it("threads are sorted by the time of their last change too", async () => {
    served.clock.advance(1_000);
    await client.updateThreadMetadata({ threadId: threadId(2), patch: { name: "Deploy" } });
    const sortKey = ThreadSortKey.UPDATED_AT;
    expect(await numbers({ sortKey, sortDirection: DESC })).toStrictEqual([2, 5, 4, 3, 1]);
    expect(await numbers({ sortKey, sortDirection: ASC })).toStrictEqual([1, 3, 4, 5, 2]);
  });
});

describe("backwards cursors", () => {
  beforeEach(() => writeThreads({}, {}, {}, {}, {}));

  /** The time that the client makes of a first row, which it was sent in whole seconds. */
  async function cursorBeside(number: number, ms: number): Promise<string> {
    const { thread } = await client.readThread({ threadId: threadId(number) });
    return new Date(Number(thread?.createdAt) * 1_000 + ms).toISOString();
  }

  it("of a descending page leads to the later threads", async () => {
    const cursor = await cursorBeside(3, 1);
    expect(await numbers({ cursor, sortDirection: ASC })).toStrictEqual([4, 5]);
  });

  it("of an ascending page leads to the earlier threads", async () => {
    const cursor = await cursorBeside(3, -1);
    expect(await numbers({ cursor, sortDirection: DESC })).toStrictEqual([2, 1]);
  });

  it("threads of one second are all beside it, whatever their milliseconds", async () => {
    served.clock.advance(1_250);
    await writeThread(client, { id: threadId(6) });
    served.clock.advance(500);
    await writeThread(client, { id: threadId(7) });
    expect(await numbers({ cursor: await cursorBeside(7, 1), sortDirection: ASC })).toStrictEqual([]);
    expect(await numbers({ cursor: await cursorBeside(6, -1), sortDirection: DESC })).toStrictEqual([5, 4, 3, 2, 1]);
  });

  it("goes on with the cursors of the pages that it leads to", async () => {
    const first = await list({ cursor: await cursorBeside(2, 1), sortDirection: ASC, pageSize: 2 });
    expect(first.numbers).toStrictEqual([3, 4]);
    const next = await list({ cursor: first.nextCursor, sortDirection: ASC });
    expect(next).toStrictEqual({ numbers: [5], nextCursor: undefined });
  });
});

describe("filters", () => {
  const CUSTOM = (custom: string) => ({ kind: Kind.CUSTOM, custom });

  it("sources and the names of custom ones", async () => {
    const exec = { kind: Kind.EXEC };
    const sources = [
      { kind: Kind.CLI },
      { kind: Kind.VSCODE },
      exec,
      CUSTOM("atlas"),
      CUSTOM("chatgpt"),
      CUSTOM("other"),
    ];
    await writeThreads(...sources.map((source) => ({ source })));
    const wanted = [{ kind: Kind.CLI }, { kind: Kind.VSCODE }, CUSTOM("atlas"), CUSTOM("chatgpt")];
    expect(await numbers({ allowedSources: wanted })).toStrictEqual([1, 2, 4, 5]);
    expect(await numbers({ allowedSources: [exec] })).toStrictEqual([3]);
    expect(await numbers({ allowedSources: [CUSTOM("other")] })).toStrictEqual([6]);
    expect(await numbers({ allowedSources: [] })).toStrictEqual([1, 2, 3, 4, 5, 6]);
  });

  it("a page is full although threads of other custom sources stand between", async () => {
    const names = ["atlas", "other", "other", "atlas", "other", "atlas", "other"];
    await writeThreads(...names.map((name) => ({ source: CUSTOM(name) })));
    const allowedSources = [CUSTOM("atlas")];
    const first = await list({ pageSize: 2, allowedSources });
    expect(first.numbers).toStrictEqual([1, 4]);
    const last = await list({ pageSize: 2, allowedSources, cursor: first.nextCursor });
    expect(last).toStrictEqual({ numbers: [6], nextCursor: undefined });
  });

  it("sub-agents are listed when all sources are", async () => {
    const kinds = [Kind.SUB_AGENT_REVIEW, Kind.SUB_AGENT_COMPACT, Kind.SUB_AGENT_MEMORY_CONSOLIDATION, Kind.UNKNOWN];
    await writeThreads(...kinds.map((kind) => ({ source: { kind } })));
    expect(await numbers()).toStrictEqual([1, 2, 3, 4]);
    expect(await numbers({ allowedSources: [{ kind: Kind.SUB_AGENT_REVIEW }] })).toStrictEqual([1]);
    expect(await numbers({ allowedSources: [{ kind: Kind.UNKNOWN }] })).toStrictEqual([4]);
  });

  it("sorts of sub-agents are told apart, and a source of later times is an unknown one", async () => {
    const kinds = [Kind.SUB_AGENT_MEMORY_CONSOLIDATION, Kind.SUB_AGENT_OTHER, Kind.UNKNOWN];
    await writeThreads(...kinds.map((kind) => ({ source: { kind } })));
    for (const [at, kind] of kinds.entries()) {
      expect(await numbers({ allowedSources: [{ kind }] })).toStrictEqual([at + 1]);
    }
    expect(await numbers({ allowedSources: [{ kind: 99 as Kind }] })).toStrictEqual([3]);
  });

  it("model providers", async () => {
    await writeThreads({ provider: "one" }, { provider: "two" }, { provider: "three" });
    expect(await numbers({ modelProviderFilter: { values: ["one", "three"] } })).toStrictEqual([1, 3]);
    expect(await numbers({ modelProviderFilter: { values: ["four"] } })).toStrictEqual([]);
    expect(await numbers({ modelProviderFilter: { values: [] } })).toStrictEqual([1, 2, 3]);
  });

  it("folders", async () => {
    await writeThreads({ cwd: "/one" }, { cwd: "/two" }, { cwd: "/three" });
    expect(await numbers({ cwdFilter: { values: ["/one", "/three"] } })).toStrictEqual([1, 3]);
    expect(await numbers({ cwdFilter: { values: ["/on"] } })).toStrictEqual([]);
  });

  it("a term of the name or the preview, in any case", async () => {
    await writeThreads({ text: "Deploy the server" }, { text: "Hello" }, { text: "Hello" });
    await client.updateThreadMetadata({ threadId: threadId(3), patch: { name: "DEPLOYMENT" } });
    expect(await numbers({ searchTerm: "deploy" })).toStrictEqual([1, 3]);
    expect(await numbers({ searchTerm: "nothing" })).toStrictEqual([]);
    expect(await numbers({ searchTerm: "" })).toStrictEqual([1, 2, 3]);
  });

  it("archived threads, or those that are not", async () => {
    await writeThreads({}, {}, {});
    await client.archiveThread({ threadId: threadId(2) });
    expect(await numbers({ archived: true })).toStrictEqual([2]);
    expect(await numbers({ archived: false })).toStrictEqual([1, 3]);
  });

  it("a cursor belongs to its filters", async () => {
    await writeThreads({}, {}, {});
    const { nextCursor } = await list({ pageSize: 1 });
    await expect(list({ cursor: nextCursor, searchTerm: "Hello" })).rejects.toMatchObject({ code: 3 });
  });
});

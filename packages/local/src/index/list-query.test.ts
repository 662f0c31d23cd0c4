import type { SessionSource, SourceKind, StoredThread } from "@threadstore/core";
import {
  compareThreads,
  isFromPosition,
  isThreadListed,
  sortValue,
  type ThreadListPage,
  type ThreadListQuery,
  type ThreadOrder,
} from "@threadstore/core/driver";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeFileSystem } from "../file-system/node-file-system.js";
import type { NeighbourThread } from "../neighbour/state-database.js";
import { IndexDatabase } from "./index-database.js";
import { listThreads } from "./list-query.js";
import { saveRolloutRow } from "./rollout-row.js";
import { refreshThread } from "./thread-row.js";

fc.configureGlobal({ seed: 20_261_120, numRuns: 60 });

const SOURCES: Readonly<Record<string, SessionSource>> = {
  cli: "cli",
  vscode: "vscode",
  exec: "exec",
  appServer: "appServer",
  unknown: "unknown",
  custom: { custom: "atlas" },
  subAgentReview: { subAgent: "review" },
  subAgentCompact: { subAgent: "compact" },
  subAgentThreadSpawn: { subAgent: { thread_spawn: {} } },
  subAgentOther: { subAgent: { other: "x" } },
};
const TIMES = [1, 2, 3].map((day) => `2026-01-0${day}T00:00:00.000Z`);
const THREADS_MAX = 12;

/** A thread as a home may hold it. */
interface Sketch {
  readonly number: number;
  readonly kind: string;
  readonly isArchived: boolean;
  readonly modelProvider: string;
  readonly cwd: string;
  readonly message: string;
  readonly name: string;
  readonly times: readonly [createdAt: string, updatedAt: string, recencyAt: string];
  readonly neighbour: NeighbourThread;
}

describe("listThreads", () => {
  it("lists what the rules of lists say, in their order, from any position on", () => {
    const homes = fc.uniqueArray(sketches(), { selector: (sketch) => sketch.number, maxLength: THREADS_MAX });
    fc.assert(
      fc.property(homes, fc.array(queries(), { minLength: 12, maxLength: 12 }), (home, asked) => {
        const index = indexOf(home);
        const threads = index
          .all("SELECT summary FROM summaries")
          .map((row) => JSON.parse(String(row.summary)) as StoredThread);
        expect(threads.length).toBe(home.length);
        for (const { anchor, ...query } of asked) {
          const from = anchor && positionIn(threads, query.order, anchor);
          const paged = from ? { ...query, position: from } : query;
          expect(idsOf(listThreads(index, paged))).toStrictEqual(idsOf(listedOf(threads, home, paged)));
        }
        index.close();
      }),
    );
  });

  it("a search goes on behind a NUL, and one for a NUL finds only that", () => {
    const index = indexOf([aSketch(1, "before\0behind"), aSketch(2, "other")]);
    const found = (searchTerm: string) => idsOf(listThreads(index, { ...EVERYTHING, searchTerm })).ids;
    expect(["behind", "before", "\0", "e\0b", "x\0"].map(found)).toStrictEqual([
      [idOf(1)],
      [idOf(1)],
      [idOf(1)],
      [idOf(1)],
      [],
    ]);
    index.close();
  });
});

const EVERYTHING: ThreadListQuery = {
  sources: "all",
  modelProviders: null,
  cwds: null,
  archived: false,
  pageSize: 10,
  order: { key: "createdAt", direction: "asc" },
  useIndexOnly: true,
};

function aSketch(number: number, message: string): Sketch {
  const [time] = TIMES as [string];
  const times = [time, time, time] as const;
  return {
    number,
    kind: "cli",
    isArchived: false,
    modelProvider: "p",
    cwd: "/a",
    message,
    name: "",
    times,
    neighbour: {},
  };
}

/** What the rules of lists say, which core states for every store. */
function listedOf(threads: readonly StoredThread[], home: readonly Sketch[], query: ThreadListQuery): ThreadListPage {
  const { position, order } = query;
  const related = query.relation && relatedTo(home, query.relation);
  const rest = threads
    .filter((thread) => isThreadListed({ thread }, query, related))
    .sort((a, b) => compareThreads(a, b, order))
    .filter((thread) => !position || isFromPosition(thread, position, order));
  return { threads: rest.slice(0, query.pageSize), more: rest.length > query.pageSize };
}

function relatedTo(home: readonly Sketch[], relation: NonNullable<ThreadListQuery["relation"]>): ReadonlySet<string> {
  const edges = home.map(({ number, neighbour }) => [neighbour.spawnEdge?.parentThreadId, idOf(number)] as const);
  if ("childrenOf" in relation) {
    const children = edges.filter(([parent, child]) => parent === relation.childrenOf && child !== parent);
    return new Set(children.map(([, child]) => child));
  }
  const reached = new Set([relation.descendantsOf]);
  for (const _generation of home)
    for (const [parent, child] of edges) if (parent && reached.has(parent)) reached.add(child);
  reached.delete(relation.descendantsOf);
  return reached;
}

function idsOf({ threads, more }: ThreadListPage) {
  return { ids: threads.map((thread) => thread.threadId), more };
}

/** An index in memory that knows a home. */
function indexOf(home: readonly Sketch[]): IndexDatabase {
  const index = new IndexDatabase([{ path: null, prepare: () => {} }], nodeFileSystem);
  index.transaction(() => {
    for (const sketch of home) save(index, sketch);
    for (const { number } of home) refreshThread({ index, files: nodeFileSystem, home: "/home" }, idOf(number));
  });
  return index;
}

function save(index: IndexDatabase, { number, times, ...sketch }: Sketch): void {
  const threadId = idOf(number);
  const [createdAt, lastItemAt, lastTurnStartedAt] = times;
  const { modelProvider, cwd, message } = sketch;
  const source = SOURCES[sketch.kind] as SessionSource;
  const facts = {
    meta: { historyMode: "paginated" as const, source, createdAt, cwd, modelProvider },
    ...(message === "" ? {} : { firstUserMessage: { text: message, ordinal: 1 } }),
    lastItemAt,
    lastTurnStartedAt,
  };
  saveRolloutRow(index, {
    path: `${sketch.isArchived ? "archived_sessions" : "sessions"}/${threadId}.jsonl`,
    inode: number,
    size: 1,
    mtimeMs: 1,
    fingerprint: "",
    threadId,
    nameThreadId: threadId,
    rolloutId: threadId,
    scan: { threadId, hasMeta: true, historyMode: "paginated", facts, hasItems: true, readTo: 1, isPartial: false },
  });
  index.run("INSERT INTO recorded_names (thread_id, name) VALUES (?, ?)", threadId, sketch.name);
  index.run(
    "INSERT INTO neighbour_threads (thread_id, record) VALUES (?, ?)",
    threadId,
    JSON.stringify(sketch.neighbour),
  );
}

function idOf(number: number): string {
  return `00000000-0000-7000-8000-${String(number).padStart(12, "0")}`;
}

function ids(): fc.Arbitrary<string> {
  return fc.nat(THREADS_MAX).map(idOf);
}

function texts(): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom("a", "A", "ß", "É", "é", "%", "_", "\n", "'", "😀"), maxLength: 4 });
}

function folders(): fc.Arbitrary<string> {
  return fc.constantFrom("/", "/a", "/a/", "/a//", "/a/b", "/A", "");
}

function sketches(): fc.Arbitrary<Sketch> {
  const section = fc.record({
    id: fc.constantFrom("s", "t"),
    name: fc.constant("S"),
    appearance: fc.constant(null),
    position: fc.nat(3),
  });
  const metadata = fc.record(
    { section, projectId: fc.constantFrom("p", "q"), attachedToThreadId: ids() },
    { requiredKeys: [], noNullPrototype: true },
  );
  const spawnEdge = fc.record({ parentThreadId: ids(), status: fc.constantFrom("open" as const, "closed" as const) });
  const time = fc.constantFrom(...(TIMES as [string, ...string[]]));
  return fc.record({
    number: fc.nat(THREADS_MAX),
    kind: fc.constantFrom(...Object.keys(SOURCES)),
    isArchived: mostly(false, fc.boolean()),
    modelProvider: fc.constantFrom("", "p", "q"),
    cwd: folders(),
    message: texts(),
    name: texts(),
    times: fc.tuple(time, time, time),
    neighbour: fc.record({ metadata, spawnEdge }, { requiredKeys: [] }),
  });
}

interface Anchor {
  readonly at: number;
  readonly inclusive: boolean;
}

/** The place of some thread in an order: cursors are made of those. */
function positionIn(threads: readonly StoredThread[], { key }: ThreadOrder, { at, inclusive }: Anchor) {
  const thread = threads[at % Math.max(1, threads.length)];
  return thread && { value: sortValue(thread, key), threadId: thread.threadId, inclusive };
}

/** Queries with few filters each, so that most of them list something. */
function queries(): fc.Arbitrary<ThreadListQuery & { readonly anchor?: Anchor }> {
  const kinds = fc.constantFrom<SourceKind>(...(Object.keys(SOURCES) as SourceKind[]), "subAgent");
  const order = fc.record({
    key: fc.constantFrom("createdAt" as const, "updatedAt" as const, "recencyAt" as const, "section" as const),
    direction: fc.constantFrom("asc" as const, "desc" as const),
  });
  const value = fc.constantFrom(...TIMES, "00000000000000000001");
  const neighbour = fc.record(
    {
      sectionId: fc.constantFrom(null, "s", "t"),
      projectId: fc.constantFrom(null, "p", "q"),
      attachedTo: ids(),
      includeAttached: fc.boolean(),
      excludedThreadIds: fc.array(ids(), { maxLength: 3 }),
    },
    { requiredKeys: [] },
  );
  const relation = fc.oneof(
    ids().map((childrenOf) => ({ childrenOf })),
    ids().map((descendantsOf) => ({ descendantsOf })),
  );
  const required = fc.record({
    sources: mostly("all" as const, fc.array(kinds, { maxLength: 6 })),
    modelProviders: mostly(null, fc.array(fc.constantFrom("", "p", "q"), { maxLength: 2 })),
    cwds: mostly(null, fc.array(folders(), { maxLength: 3 })),
    archived: mostly(false, fc.boolean()),
    pageSize: fc.integer({ min: 1, max: 6 }),
    order,
    useIndexOnly: fc.constant(true),
  });
  const rest = fc.record({
    searchTerm: mostly(undefined, texts()),
    relation: mostly(undefined, relation),
    neighbour: mostly(undefined, neighbour),
    position: mostly(undefined, fc.record({ value, threadId: ids(), inclusive: fc.boolean() })),
    anchor: fc.option(fc.record({ at: fc.nat(), inclusive: fc.boolean() }), { nil: undefined, freq: 2 }),
  });
  return fc.tuple(required, rest).map(([query, others]) => ({ ...query, ...withoutUndefined(others) }));
}

function mostly<T, U>(usual: T, other: fc.Arbitrary<U>): fc.Arbitrary<T | U> {
  return fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });
}

function withoutUndefined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, field]) => field !== undefined)) as never;
}

import { type ApiThreadListParams, type ApiThreadPage, listApiThreads } from "@threadstore/codex-wire";
import { beforeEach, describe, expect, it } from "vitest";
import { type Recording, readRecordings } from "../support/fixture-home.js";
import { openedHome } from "../support/opened-home.js";
import { expectSameCursors } from "./page-cursors.js";
import { isPage, type RecordedPage, type RecordedThread } from "./recorded-rows.js";

// Every recorded thread/list that succeeded, answered through codex-wire. docs/differences.md is the only excuse; the
// functions below say where one applies. A recorded cursor is replaced by ours of the same page, which stands for it.
describe.each(["home169", "home128"] as const)("thread/list over %s", (name) => {
  const single = readRecordings(`${name}-by-0.169.0`, "thread-list").filter(isPage);
  const paging = readRecordings(`${name}-by-0.169.0`, "thread-list-paging").filter(isPage);
  const rows = rowsById([...single, ...paging]);
  const home = openedHome(name);
  let cursors: Map<string, string>;

  beforeEach(() => {
    cursors = new Map();
  });

  async function answer({ request, response }: Recording): Promise<ApiThreadPage> {
    const params = (request.params ?? {}) as ApiThreadListParams;
    const ours = await listApiThreads(home.store, withOurCursor(params), { serverCwd: "/tmp/demo/plain" });
    const recorded = response.result as RecordedPage;
    remember(params, recorded.nextCursor, ours.nextCursor);
    remember(params, recorded.backwardsCursor, ours.backwardsCursor);
    return ours;
  }

  function remember(params: ApiThreadListParams, recorded: string | null, ours: string | null): void {
    if (recorded !== null && ours !== null) cursors.set(`${params.sortKey ?? "created_at"} ${recorded}`, ours);
  }

  function withOurCursor(params: ApiThreadListParams): ApiThreadListParams {
    const ours = cursors.get(`${params.sortKey ?? "created_at"} ${params.cursor}`);
    return ours === undefined ? params : { ...params, cursor: ours };
  }

  it.each(single.map((recording) => [recording.label, recording] as const))("%s", async (_label, recording) => {
    const ours = await answer(recording);
    const result = recording.response.result as RecordedPage;
    expectSameThreads(idsOf(ours), unique(idsOf(result)), (id) => mayDiffer(recording, rows.get(id) ?? []));
    expectSameCursors(ours, { recorded: result, sortKey: recording.request.params?.sortKey });
  });

  it.each(sequences(paging))("%s, page by page", async (_label, pages) => {
    const recorded = pages.flatMap((page) => idsOf(page.response.result as RecordedPage));
    const ours: string[] = [];
    for (const page of pages) ours.push(...idsOf(await answer(page)));
    expect(ours).toEqual(unique(recorded));
  });

  it.each(backwardCalls(paging))("%s", async (_label, { before, first, back }) => {
    if (before !== first) await answer(before);
    const page = await answer(first);
    const ours = idsOf(await answer(back));
    if (back.request.params?.sortKey !== "created_at") {
      expect(ours).toEqual(unique(idsOf(back.response.result as RecordedPage)));
      return;
    }
    // Difference 1: the real created_at cursors skip rows of the same second. Ours begin with the anchor itself.
    const { cursor: _cursor, ...query } = first.request.params as ApiThreadListParams;
    const whole = idsOf(await listApiThreads(home.store, { ...query, limit: 100 }, { serverCwd: "/" }));
    const anchor = whole.indexOf(idsOf(page)[0] as string);
    const rowsBefore = whole.slice(0, anchor + 1).reverse();
    expect(ours).toEqual(rowsBefore.slice(0, 10));
  });
});

function idsOf(page: { readonly data: readonly { readonly id: string }[] }): string[] {
  return page.data.map((thread) => thread.id);
}

/** Difference 2: a reverted thread is listed once. */
function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}

function rowsById(recordings: readonly { response: { result: RecordedPage } }[]): Map<string, RecordedThread[]> {
  const rows = new Map<string, RecordedThread[]>();
  for (const { response } of recordings) {
    for (const thread of response.result.data) rows.set(thread.id, [...(rows.get(thread.id) ?? []), thread]);
  }
  return rows;
}

/** The same threads in the same order, but for those that a difference excuses. */
function expectSameThreads(ours: string[], recorded: string[], isExcused: (id: string) => boolean): void {
  const differing = [...ours.filter((id) => !recorded.includes(id)), ...recorded.filter((id) => !ours.includes(id))];
  expect(differing.filter((id) => !isExcused(id))).toEqual([]);
  expect(ours.filter((id) => recorded.includes(id))).toEqual(recorded.filter((id) => ours.includes(id)));
}

function mayDiffer({ request }: Recording, rows: readonly RecordedThread[]): boolean {
  const params = request.params as ApiThreadListParams;
  const disagree = (key: string) => new Set(rows.map((row) => JSON.stringify(row[key]))).size > 1;
  // Recorded rows of one thread disagree on its folder: the ones sorted by recency are right, and so are ours.
  if (params.cwd !== undefined && disagree("cwd")) return true;
  if (!params.searchTerm) return false;
  // Difference 2: forks, attached forks and reverted threads show the first message of their whole history.
  const inherits =
    rows.some((row) => row.forkedFromId || row.attachedToThreadId) || disagree("preview") || disagree("path");
  // Difference 7: letter case does not matter.
  const term = params.searchTerm.toLowerCase();
  const matches = rows.some((row) => `${row.name ?? ""}\n${row.preview}`.toLowerCase().includes(term));
  return inherits || matches || rows.some((row) => isFork(row.id));
}

/** Forks whose list rows have no forkedFromId there (12): their ids as labelled in both homes. */
function isFork(id: string): boolean {
  return /^01a1f89(5-9[bcd]|4-6[789a])/.test(id);
}

/** The pages that follow one another, by what their label begins with. */
function sequences(paging: readonly Recording[]): [string, Recording[]][] {
  const groups = new Map<string, Recording[]>();
  for (const recording of paging) {
    const [, title] = /^(.*) page \d+$/.exec(recording.label) ?? [];
    if (title) groups.set(title, [...(groups.get(title) ?? []), recording]);
  }
  return [...groups];
}

interface BackwardCall {
  /** The first page; `first` may be this one, or the page that follows it. */
  readonly before: Recording;
  readonly first: Recording;
  readonly back: Recording;
}

/** Each call with a backwards cursor, and the calls it came from. */
function backwardCalls(paging: readonly Recording[]): [string, BackwardCall][] {
  return paging
    .filter((recording) => recording.label.endsWith("reversed"))
    .map((back) => {
      const order = back.label.split(" ").slice(0, 2).join(" ");
      const labelled = (label: string) =>
        paging.find((one) => one.label === `${order} ${label} for backwards`) as Recording;
      const first = labelled(back.label.includes("p2.") ? "second" : "first");
      return [back.label, { before: labelled("first"), first, back }];
    });
}

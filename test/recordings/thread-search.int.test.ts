import {
  type ApiThread,
  type ApiThreadSearchPage,
  type ApiThreadSearchParams,
  readApiThread,
  searchApiThreads,
} from "@threadstore/codex-wire";
import { isThreadStoreError } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import { readRecordings } from "../support/fixture-home.js";
import { openedHome } from "../support/opened-home.js";
import { expectSameCursors } from "./page-cursors.js";
import { type RecordedThread, withoutExcused } from "./recorded-rows.js";

/** Difference 1: so many rows the real server passed over as it went from page to page. */
const PASSED_OVER = { home169: 0, home128: 2 } as const;

// Every recorded thread/search, answered through codex-wire: rows, snippets, cursors and errors. Occurrences are compared
// in thread-history, as everything about one thread is.
describe.each(["home169", "home128"] as const)("thread/search over %s", (name) => {
  const recordings = readRecordings(`${name}-by-0.169.0`, "thread-search");
  const single = recordings.filter(({ label }) => !isOneOfPages(label));
  const pages = recordings.filter(({ label }) => isOneOfPages(label));
  const home = openedHome(name);

  it("is compared with all that was recorded", () => {
    expect([single.length, pages.length]).toEqual([32, name === "home169" ? 4 : 5]);
  });

  it.each(single.map((recording) => [recording.label, recording] as const))("%s", async (_label, recording) => {
    const { request, response } = recording;
    if (response.error) {
      expect(await refusal(request.params)).toEqual(response.error);
      return;
    }
    const ours = await search(request.params);
    const recorded = response.result as RecordedSearchPage;
    expect(ours.data.map(shown)).toEqual(recorded.data.map(shown));
    expectSameCursors(threadsOf(ours), { recorded: threadsOf(recorded), sortKey: request.params?.sortKey });
  });

  it("goes on after each recorded cursor, and tells what the real server passed over", async () => {
    const whole = idsOf(await search({ searchTerm: "turn", limit: 100 }));
    const recorded = pages.flatMap(({ response }) => idsOf(response.result as RecordedSearchPage));
    expect(whole.filter((id) => recorded.includes(id))).toEqual(recorded);
    expect(whole.length - recorded.length).toBe(PASSED_OVER[name]);
    for (const { request, response } of pages) {
      const ours = await search(request.params);
      const at = whole.indexOf(String(request.params?.cursor).split("|")[1] ?? "") + 1;
      expect(idsOf(ours)).toEqual(whole.slice(at, at + 3));
      const recordedPage = threadsOf(response.result as RecordedSearchPage);
      if (PASSED_OVER[name] === 0) expectSameCursors(threadsOf(ours), { recorded: recordedPage, sortKey: undefined });
    }
  });

  it("shows threads as reads do", async () => {
    const { data } = await search({ searchTerm: "Reply", limit: 100 });
    for (const { thread } of data) {
      expect(await readApiThread(home.store, { threadId: thread.id })).toEqual(thread);
    }
  });

  function search(params: unknown): Promise<ApiThreadSearchPage> {
    return searchApiThreads(home.store, params as ApiThreadSearchParams);
  }

  async function refusal(params: unknown): Promise<unknown> {
    const error: unknown = await search(params).catch((thrown: unknown) => thrown);
    return isThreadStoreError(error, "invalid_request") ? { code: -32600, message: error.message } : error;
  }
});

interface RecordedSearchPage {
  readonly data: readonly { readonly thread: RecordedThread; readonly snippet: string }[];
  readonly nextCursor: string | null;
  readonly backwardsCursor: string | null;
}

function isOneOfPages(label: string): boolean {
  return / page \d+$/.test(label);
}

function idsOf(page: ApiThreadSearchPage | RecordedSearchPage): string[] {
  return page.data.map(({ thread }) => thread.id);
}

function shown({ thread, snippet }: { readonly thread: ApiThread | RecordedThread; readonly snippet: string }) {
  return { thread: withoutExcused(thread), snippet };
}

/** The page as one of a list. */
function threadsOf<P extends ApiThreadSearchPage | RecordedSearchPage>(page: P) {
  return { ...page, data: page.data.map(({ thread }) => thread as P["data"][number]["thread"]) };
}

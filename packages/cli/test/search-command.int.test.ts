import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyFixtureHome, type FixtureHome } from "../../../test/support/fixture-home.js";
import { runCommand } from "./support/run-command.js";

interface Hits {
  readonly data: readonly {
    readonly thread: { readonly id: string };
    readonly snippet: string;
    readonly turnId: string | null;
  }[];
  readonly nextCursor: string | null;
  readonly backwardsCursor: string | null;
}

interface Places {
  readonly data: readonly { readonly turnId: string; readonly itemId: string; readonly turnCursor: string }[];
  readonly nextCursor: string | null;
}

describe("threadstore search", () => {
  let home: FixtureHome;
  let multi: string;

  beforeAll(() => {
    home = copyFixtureHome("home169");
    multi = home.ids.multi as string;
  });

  afterAll(() => home.remove());

  const at = (...args: string[]) => runCommand(["--home", home.path, ...args]);
  /** What is not indexed yet is looked through, so that the answers do not depend on when. */
  const search = async (...args: string[]): Promise<Hits> =>
    JSON.parse((await at("search", ...args, "--complete", "--json")).stdout);
  const count = async (...args: string[]) => (await search(...args, "--limit", "100")).data.length;
  const idsOf = ({ data }: Hits) => data.map(({ thread }) => thread.id);

  /** The cursor that a person would copy from the last line on standard error. */
  const hinted = (stderr: string) => /more: the same command with --cursor '(.+)'\n$/.exec(stderr)?.[1] as string;

  it("prints each thread, the place, and a command that shows it there", async () => {
    const { code, stdout, stderr } = await at("search", "TURN number  3", "--complete");
    expect([code, stderr]).toEqual([0, ""]);
    const lines = stdout.trimEnd().split("\n");
    const place = lines.indexOf("    Turn number 3 of the multi turn thread [[reason thought 3]]");
    expect(lines[place - 1]).toMatch(/^01a1f895-826b \w+ +Turn number 1 of the multi turn thread/);
    const shown = /^ {4}threadstore --home (\S+) show (\S+) --at (\S+)$/.exec(lines[place + 1] as string);
    expect(shown?.slice(1, 3)).toEqual([home.path, multi]);
    const transcript = await at("show", shown?.[2] as string, "--at", shown?.[3] as string);
    expect(transcript.stdout).toMatch(
      /\n\n2 earlier turns are left out\n\n── turn 3 · .*\n\nuser\nTurn number 3 of the/,
    );
  });

  it("prints a page of the API, and its cursors lead on and back", async () => {
    const all = await search("reply", "--all-sources", "--all", "--limit", "100");
    expect(all.data.length).toBeGreaterThan(3);
    expect(all.data[0]).toMatchObject({ thread: { turns: [] }, snippet: expect.stringMatching(/reply/i) });
    const query = ["reply", "--all-sources", "--all"];
    const first = await search(...query, "--limit", "2");
    const second = await search(...query, "--limit", "100", "--cursor", first.nextCursor as string);
    expect([...idsOf(first), ...idsOf(second)]).toEqual(idsOf(all));
    const back = await search(...query, "--asc", "--cursor", second.backwardsCursor as string);
    expect(idsOf(back)).toEqual(idsOf(all).slice(0, 3).reverse());
    const page = await at("search", ...query, "--complete", "--limit", "2");
    expect(idsOf(await search(...query, "--limit", "100", "--cursor", hinted(page.stderr)))).toEqual(idsOf(second));
  });

  it("hints at the next page with the instant that an age stood for", async () => {
    const { stderr } = await at("search", "thread", "--complete", "--limit", "1", "--since", "9000d");
    const [, since, cursor] = /--since (\S+) --cursor '(.+)'\n$/.exec(stderr) as unknown as string[];
    const next = await search("thread", "--since", since as string, "--cursor", cursor as string);
    expect(idsOf(next)).toEqual(idsOf(await search("thread")).slice(1));
  });

  it("looks at what it is told to, and at threads that fit", async () => {
    expect(await count("aggregated nothing like this")).toBe(0);
    expect(await count("hello patch")).toBe(0);
    expect(await count("hello patch", "--tools")).toBeGreaterThan(0);
    expect(await count("thought 3", "--reasoning")).toBeGreaterThan(0);
    expect(await count("Zweiter")).toBe(1);
    const visible = await count("thread");
    const archived = await count("thread", "--archived");
    expect([archived > 0, await count("thread", "--all")]).toEqual([true, visible + archived]);
    expect(await count("reply", "--cwd", "/tmp/demo/plain", "--cwd", "/nowhere")).toBe(9);
    expect(await count("reply", "--cwd", "/nowhere")).toBe(0);
    expect(await count("turn number", "--since", "2026-11-21T00:00:00Z")).toBe(0);
    expect(await count("turn number", "--since", "2026-11-20")).toBeGreaterThan(0);
    expect(idsOf(await search("thread", "--sort", "created", "--asc")).slice(0, 2)).toEqual([home.ids.single, multi]);
  });

  it("puts the threads first that hold the term most often", async () => {
    expect(idsOf(await search("thread", "--rank", "--limit", "1"))).toEqual([multi]);
  });

  it("prints every place in a thread, turn by turn, page by page", async () => {
    const places = async (...args: string[]): Promise<Places> =>
      JSON.parse((await at("search", "turn number", "--in", multi, ...args, "--json")).stdout);
    const all = await places();
    expect(all.data.length).toBe(12);
    const { data: turns } = JSON.parse((await at("turns", multi, "--asc", "--json")).stdout);
    expect([...new Set(all.data.map(({ turnId }) => turnId))]).toEqual(
      turns.slice(0, 6).map(({ id }: { id: string }) => id),
    );
    const from = await at("turns", multi, "--asc", "--json", "--cursor", all.data.at(-1)?.turnCursor as string);
    expect(JSON.parse(from.stdout).data).toEqual(turns.slice(5));
    const first = await places("--limit", "3");
    const second = await places("--cursor", first.nextCursor as string);
    expect([...first.data, ...second.data]).toEqual(all.data);
    const { stdout, stderr } = await at("search", "turn number", "--in", multi.slice(0, 13), "--limit", "2");
    const turnId = turns[0].id;
    expect(stdout).toBe(
      [
        `${turnId.slice(0, 13)} threadstore --home ${home.path} show ${multi} --at ${turnId}`,
        "    Turn number 1 of the multi turn thread [[reason thought 1]]",
        "    Reply 216 to: Turn number 1 of the multi turn thread",
        "",
      ].join("\n"),
    );
    expect((await places("--cursor", hinted(stderr))).data).toEqual(all.data.slice(2));
  });

  it("says on standard error when nothing is found", async () => {
    const empty = { code: 0, stdout: "", stderr: "nothing found\n" };
    expect(await at("search", "nowhere at all", "--complete")).toEqual(empty);
    expect(await at("search", "nowhere at all", "--in", multi)).toEqual(empty);
  });

  it.each([
    ["no term", ["search"], 2, /missing required argument/],
    ["a blank term", ["search", "  "], 2, /blank/],
    ["several words", ["search", "one", "two"], 2, /too many arguments/],
    ["an unknown thread", ["search", "x", "--in", "01900000-0000-7000-8000-000000000000"], 3, /not found/],
    ["no cursor at all", ["search", "x", "--cursor", "x"], 2, /invalid cursor: x/],
    ["a page of nothing", ["search", "x", "--limit", "0"], 2, /1 to 1000, found 0/],
    [
      "a page of too many places",
      ["search", "x", "--in", "MULTI", "--limit", "251"],
      2,
      /1 to 250 with --in, found 251/,
    ],
    ["a day that there is not", ["search", "x", "--since", "2026-02-30"], 2, /must be a day/],
    ["two orders", ["search", "x", "--rank", "--sort", "created"], 2, /cannot be used with/],
    ["archived threads twice", ["search", "x", "--all", "--archived"], 2, /cannot be used with/],
    ["a filter for one thread", ["search", "x", "--in", "MULTI", "--tools"], 2, /cannot be used with/],
  ] as const)("answers %s with an error", async (_what, args, code, pattern) => {
    const answer = await at(...args.map((word) => (word === "MULTI" ? multi : word)));
    expect([answer.code, answer.stdout]).toEqual([code, ""]);
    expect(answer.stderr).toMatch(pattern);
  });
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newThreadId } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyFixtureHome, type FixtureHome } from "../../../test/support/fixture-home.js";
import { runCommand } from "./support/run-command.js";
import { RunningCommand } from "./support/running-command.js";

interface Tree {
  readonly id: string;
  readonly kind: string;
  readonly edgeStatus: string | null;
  readonly children: readonly Tree[];
}

/** A tree with what matters of each thread. */
function outlineOf({ id, kind, edgeStatus, children }: Tree): unknown[] {
  return [id, kind, edgeStatus, ...children.map(outlineOf)];
}

describe("threadstore tree", () => {
  let home: FixtureHome;

  beforeAll(() => {
    home = copyFixtureHome("home169");
  });

  afterAll(() => home.remove());

  const id = (label: string) => home.ids[label] as string;
  const short = (label: string) => id(label).slice(0, 13);
  const at = (...args: string[]) => runCommand(["--home", home.path, "tree", ...args]);
  const json = async (...args: string[]) => JSON.parse((await at(...args, "--json")).stdout);
  /** Without the time that has passed since the home was recorded. */
  const lines = async (...args: string[]) => {
    const { code, stdout, stderr } = await at(...args);
    expect([code, stderr]).toEqual([0, ""]);
    return stdout
      .replace(/ \d+(?:y|mo|d|h|m|s) +/g, " ")
      .split("\n")
      .slice(0, -1);
  };

  it("draws the forks of a thread, and marks the one that was asked for", async () => {
    const title = "Turn number 1 of the multi turn thread [[reason thought 1]]";
    expect(await lines(id("forked_last"))).toEqual([
      `${short("multi")} ${title}`,
      `├─ ${short("forked")} [fork] ${title}`,
      `├─ ▶ ${short("forked_last")} [fork] ${title}`,
      `└─ ${short("forked_before")} [fork] ${title}`,
    ]);
  });

  it("draws sub-agents with their names and the status of their edges", async () => {
    const [agent] = (await json(id("subagent"))).data[0].children;
    expect(await lines(short("subagent"))).toEqual([
      `▶ ${short("subagent")} Spawn please [[spawn sub task one]] [[wait]]`,
      `└─ ${agent.id.slice(0, 13)} [agent Aquinas open] sub task one`,
    ]);
    const review = await lines(id("review"));
    expect(review.length).toBe(2);
    expect(review[1]).toMatch(/^└─ \S+ \[agent review(?: open)?\] Review nothing in particular\.$/);
  });

  it("draws every tree, the one that changed last first, and says what is left out", async () => {
    const all = await lines("--limit", "1000");
    expect(all.at(-1)).toBe("2 archived trees left out (--archived)");
    expect(all.length).toBe(56 - 2 + 1);
    expect(all[0]).toBe(`${short("tui")} Hello from the TUI`);
    const some = await lines("--limit", "2");
    expect([some[0], some.length, some.at(-2)]).toEqual([all[0], 4, "44 older trees left out (--limit)"]);
    expect((await json()).data.length).toBe(20);
    const archived = await lines("--archived");
    expect(archived.map((line) => line.split(" ").slice(0, 2).join(" ")).sort()).toEqual(
      [`${short("archived")} [archived]`, `${short("archived_named")} [archived]`, "46 trees"].sort(),
    );
  });

  it("prints one document with nested children", async () => {
    const document = await json(id("forked"));
    expect([document.threadId, document.leftOut]).toEqual([id("forked"), { older: 0, others: 0, above: 0 }]);
    expect(document.data.map(outlineOf)).toEqual([
      [
        id("multi"),
        "thread",
        null,
        ...["forked", "forked_last", "forked_before"].map((label) => [id(label), "fork", null]),
      ],
    ]);
    expect(Object.keys(document.data[0])).toEqual([
      "id",
      "kind",
      "parentThreadId",
      "forkedFromId",
      "rootBecause",
      "edgeStatus",
      "name",
      "preview",
      "agentNickname",
      "agentRole",
      "agentPath",
      "createdAt",
      "updatedAt",
      "isArchived",
      "children",
      "threadsLeftOut",
    ]);
  });

  it.each([
    [["--limit", "0"], 2, /--limit is 1 to 1000, found 0/],
    [["--limit", "1001"], 2, /found 1001/],
    [["01a1f895-a44c", "--archived"], 2, /either a thread/],
    [["nobody"], 3, /no thread/],
  ] as const)("refuses %s", async (args, code, message) => {
    const answer = await at(...args);
    expect([answer.code, answer.stdout]).toEqual([code, ""]);
    expect(answer.stderr).toMatch(message);
  });

  it("says so when there are no threads", async () => {
    const { code, stdout } = await runCommand(["--home", "memory:x", "tree"]);
    expect([code, stdout]).toEqual([0, "no threads\n"]);
  });

  it("draws what a server has, but for the statuses that its protocol does not tell", async () => {
    await using server = new RunningCommand(["--home", home.path, "serve", "--grpc", "127.0.0.1:0"]);
    const printed = await server.until((text) => text.includes(" list\n"));
    const there = /--home (\S+) list/.exec(printed)?.[1] as string;
    const { stdout } = await runCommand(["--home", there, "tree", id("subagent"), "--json"]);
    const [agent] = (await json(id("subagent"))).data[0].children;
    expect(JSON.parse(stdout).data.map(outlineOf)).toEqual([
      [id("subagent"), "thread", null, [agent.id, "agent", null]],
    ]);
  });
});

describe("threadstore tree, where parents are out of order", () => {
  let home: string;

  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), "threadstore-tree-"));
  });

  afterAll(() => rmSync(home, { recursive: true }));

  /** The lines of the tree of a thread, from their marks on. */
  const marksOf = async (threadId: string) => {
    const { stdout } = await runCommand(["--home", home, "tree", threadId]);
    return stdout.split("\n").map((line) => line.replace(/^.*?\[/, "["));
  };

  it("ends where edges form a circle, and shows agents of threads that are gone", async () => {
    await using store = openLocalThreadStore({ home });
    const create = async (agentNickname: string) => {
      const threadId = newThreadId();
      const birth = { originator: "test", cliVersion: "1.0.0", source: "cli", modelProvider: "p", cwd: home } as const;
      await store.createThread({ threadId, metadata: { ...birth, agentNickname } });
      await store.persistThread(threadId);
      await store.shutdownThread(threadId);
      return threadId;
    };
    const edge = (parentThreadId: string, childThreadId: string, status: "open" | "closed") =>
      store.upsertThreadSpawnEdge({ parentThreadId, childThreadId, status });
    const [ada, bob, cyd] = [await create("Ada"), await create("Bob"), await create("Cyd")];
    await edge(ada, bob, "open");
    await edge(bob, cyd, "closed");
    await edge(cyd, ada, "open");
    expect(await marksOf(cyd)).toEqual([
      `[agent Ada open of ${cyd.slice(0, 13)}, which is below] (no message yet)`,
      "[agent Bob open] (no message yet)",
      "[agent Cyd closed] (no message yet)",
      "",
    ]);
    const [dan, eve, gone] = [await create("Dan"), await create("Eve"), newThreadId()];
    await edge(gone, dan, "open");
    await edge(dan, eve, "closed");
    expect(await marksOf(eve)).toEqual([
      `[agent Dan open of ${gone.slice(0, 13)}, which is gone] (no message yet)`,
      "[agent Eve closed] (no message yet)",
      "",
    ]);
  });
});

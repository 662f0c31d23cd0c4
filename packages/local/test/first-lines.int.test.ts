import * as fs from "node:fs";
import { basename, join } from "node:path";
import { type CreateThreadParams, readSessionSource, type ThreadStore, threadSpawnOf } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { copyFixtureHome, type FixtureHome } from "../../../test/support/fixture-home.js";
import { type Line, message, threadId } from "./support/written-home.js";

const NEW = threadId(1);

let recorded: FixtureHome;
let home: FixtureHome;
let store: ThreadStore;

beforeAll(() => {
  recorded = copyFixtureHome("home169");
});

afterAll(() => recorded.remove());

beforeEach(() => {
  home = copyFixtureHome("home169");
  // A thread that the real Codex's database knows cannot be reverted.
  fs.rmSync(join(home.path, "state_5.sqlite"));
  store = openLocalThreadStore({ home: home.path });
});

afterEach(async () => {
  await store[Symbol.asyncDispose]();
  home.remove();
});

// The real rollouts are what the real Codex 0.169.0 wrote; the same thread is made again through the store beside them.
describe("the first line of a new rollout is that of the real Codex but for ids and times", () => {
  it.each(["multi", "shell", "named", "exec_single", "dyntools", "client_vscode", "tui"])("%s", async (label) => {
    const real = firstLine(idOf(label));
    await make(parametersOf(real));
    expect(comparable(firstLine(NEW), NEW)).toBe(comparable(real, idOf(label)));
  });

  it.each(["legacy", "legacy_compacted"])("%s, which is legacy", async (label) => {
    const real = firstLine(idOf(label));
    await make({ ...parametersOf(real), historyMode: "legacy" });
    expect(comparable(firstLine(NEW), NEW)).toBe(comparable(real, idOf(label)));
  });

  it.each(["forked", "forked_last", "forked_before", "forked_noturn", "exec_fork"])("%s", async (label) => {
    const real = firstLine(idOf(label));
    const { forked_from_id: from, forked_from_ordinal_exclusive: endOrdinalExclusive } = real.payload;
    const fork = { from, endOrdinalExclusive } as { from: string; endOrdinalExclusive: number };
    await make({ ...parametersOf(real), fork });
    expect(comparable(firstLine(NEW), NEW)).toBe(comparable(real, idOf(label)));
  });

  it("a sub-agent", async () => {
    const child = firstLines().find(({ payload }) => payload.agent_nickname !== undefined) as Line;
    await make(parametersOf(child));
    expect(comparable(firstLine(NEW), NEW)).toBe(comparable(child, child.payload.id as string));
  });

  it("the segment of a reverted thread", async () => {
    const id = idOf("reverted");
    const segment = rolloutsOf(home, id).find((path) => path.includes("_")) as string;
    const real = lineOf(segment);
    fs.rmSync(segment);
    const [base] = rolloutsOf(home, id);
    const bytes = fs.readFileSync(base as string);
    await store.resumeThread({ threadId: id });
    await store.revertThread({ threadId: id, endOrdinalExclusive: real.ordinal as number });
    const made = rolloutsOf(home, id).filter((path) => path !== base);
    expect(made.map((path) => basename(path).replace(/^rollout-.{19}/, ""))).toEqual([
      expect.stringMatching(new RegExp(`^-${id}_[0-9a-f-]{36}\\.jsonl$`)),
    ]);
    expect(comparable(lineOf(made[0] as string), id)).toBe(comparable(real, id));
    expect(fs.readFileSync(base as string).equals(bytes)).toBe(true);
  });
});

describe("a fork of a legacy thread", () => {
  it("begins with a session_meta of its own and a copy of every line after it, without ordinals", async () => {
    const from = idOf("legacy");
    const source = linesOf(from);
    await make({ ...parametersOf(source[0] as Line), fork: { from }, historyMode: "legacy" });
    const [meta, ...copied] = linesOf(NEW);
    // The real Codex copies the session_meta of the source too; it stands for another thread and tells nothing here.
    expect(copied.slice(0, source.length).map(({ type, payload }) => ({ type, payload }))).toEqual(
      source.map(({ type, payload }) => ({ type, payload })),
    );
    expect([meta?.payload.id, meta?.payload.forked_from_id, meta?.payload.history_mode]).toEqual([NEW, from, "legacy"]);
    expect(linesOf(NEW).filter((line) => "ordinal" in line)).toEqual([]);
  });
});

/** Creates a thread with one item, as a caller of the real Codex would have. */
async function make(params: Omit<CreateThreadParams, "threadId">): Promise<void> {
  await store.createThread({ ...params, threadId: NEW });
  await store.appendItems({ threadId: NEW, items: [message("one")] });
  await store.shutdownThread(NEW);
}

/** What the real thread was created with, as far as its session_meta tells. */
function parametersOf({ payload }: Line): Omit<CreateThreadParams, "threadId"> {
  const text = (name: string) => payload[name] as string;
  const source = readSessionSource(payload.source);
  const git = payload.git as Readonly<Record<string, string>> | undefined;
  const spawn = threadSpawnOf(source);
  return {
    metadata: {
      cwd: text("cwd"),
      originator: text("originator"),
      cliVersion: text("cli_version"),
      source,
      modelProvider: text("model_provider"),
      baseInstructions: payload.base_instructions as { text: string },
      ...(payload.thread_source ? { threadSource: text("thread_source") } : {}),
      ...(payload.agent_nickname ? { agentNickname: text("agent_nickname") } : {}),
      ...(payload.dynamic_tools ? { dynamicTools: payload.dynamic_tools as unknown[] } : {}),
      ...(git
        ? {
            gitInfo: {
              commitHash: git.commit_hash as string,
              branch: git.branch as string,
              repositoryUrl: git.repository_url as string,
            },
          }
        : {}),
    },
    ...(spawn ? { spawn: { parentThreadId: spawn.parentThreadId } } : {}),
  };
}

/** A line with its members in their order, without its own id and the moments it was made at. */
function comparable(line: Line, ownId: string): string {
  return JSON.stringify(line, undefined, 1)
    .replaceAll(ownId, "its own id")
    .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"a time"')
    .replaceAll(/"window_id": "[^"]+"/g, '"window_id": "an id"');
}

function idOf(label: string): string {
  return recorded.ids[label] as string;
}

function firstLine(id: string): Line {
  return linesOf(id)[0] as Line;
}

/** The lines of a thread's own first rollout. */
function linesOf(id: string): Line[] {
  const path = rolloutsOf(home, id).find((candidate) => candidate.endsWith(`-${id}.jsonl`)) as string;
  const lines = fs.readFileSync(path, "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Line);
}

function lineOf(path: string): Line {
  return JSON.parse(fs.readFileSync(path, "utf8").split("\n")[0] as string) as Line;
}

function firstLines(): Line[] {
  return rolloutsOf(home, "").map(lineOf);
}

function rolloutsOf({ path }: FixtureHome, id: string): string[] {
  const entries = fs.readdirSync(join(path, "sessions"), { recursive: true }) as string[];
  const names = entries.filter((entry) => entry.endsWith(".jsonl") && entry.includes(id)).sort();
  return names.map((entry) => join(path, "sessions", entry));
}

import { copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HistoryMode, ThreadId } from "@threadstore/core";
import { repairHome } from "@threadstore/local";
import { describe, expect, it } from "vitest";
import type { AppServerClient } from "./support/app-server-client.js";
import { listCodexIds, readCodexMessages } from "./support/codex-threads.js";
import { makeOurThread } from "./support/our-threads.js";
import { listRollouts } from "./support/rollout-files.js";
import { useScene } from "./support/scene.js";

const TEXTS = ["first", "second"];
const MESSAGES = ["first", "Answer to: first", "second", "Answer to: second"];

type Lines = readonly Buffer[];

const text = (bytes: string) => Buffer.from(bytes);
const inserted = (lines: Lines, at: number, line: Buffer) => lines.toSpliced(at, 0, line);
const edited = (lines: Lines, at: number, edit: (line: string) => string) =>
  lines.with(at, text(edit((lines[at] as Buffer).toString("utf8"))));

/** What is done to the lines of a rollout; the last one is not closed when it is empty. */
const DAMAGES: readonly (readonly [string, HistoryMode, (lines: Lines) => Lines])[] = [
  ["a torn tail", "legacy", (lines) => [...lines, text('{"timest')]],
  ["a tail of zeros", "legacy", (lines) => [...lines, Buffer.alloc(4096)]],
  ["a tail of zeros", "paginated", (lines) => [...lines, Buffer.alloc(4096)]],
  ["zeros in the middle", "paginated", (lines) => inserted(lines, 3, Buffer.alloc(512))],
  ["a record behind a fragment", "paginated", (lines) => edited(lines, 3, (line) => `{"timest${line}`)],
  ["bytes that are not UTF-8", "legacy", (lines) => inserted(lines, 3, Buffer.from([0xff, 0xfe]))],
  ["a byte order mark", "legacy", (lines) => edited(lines, 0, (line) => `\uFEFF${line}`)],
  ["a byte order mark", "paginated", (lines) => edited(lines, 0, (line) => `\uFEFF${line}`)],
  ["garbage as the first line", "paginated", (lines) => inserted(lines, 0, text("garbage"))],
  ["its session_meta second", "legacy", ([meta, first, ...rest]) => [first, meta, ...rest] as Lines],
  ["no session_meta", "legacy", (lines) => lines.slice(1)],
  ["no session_meta", "paginated", (lines) => lines.slice(1)],
  [
    "no ordinals",
    "paginated",
    (lines) => lines.map((line) => text(line.toString("utf8").replace(/"ordinal":\d+,/, ""))),
  ],
  ["an ordinal twice", "paginated", (lines) => edited(lines, 4, (line) => line.replace('"ordinal":4', '"ordinal":3'))],
  ["a lower ordinal", "paginated", (lines) => edited(lines, 4, (line) => line.replace('"ordinal":4', '"ordinal":1'))],
  ["an unknown history mode", "paginated", (lines) => edited(lines, 0, (line) => line.replace('"paginated"', '"new"'))],
];

const MISTAKEN: ReadonlySet<string> = new Set(["a byte order mark paginated", "no session_meta paginated"]);

describe("a damaged rollout whose mended copy was put in place", () => {
  const scene = useScene("mended-copies");

  it.each(DAMAGES)(
    "that had %s (%s) is listed, read and resumed by the real Codex",
    async (what, historyMode, damage) => {
      const { home } = scene;
      const store = scene.openStore({ isTold: false });
      const threadId = await makeOurThread(store, { home, historyMode, texts: TEXTS });
      const [path] = listRollouts(home) as [string];
      writeFileSync(path, joined(damage(split(readFileSync(path)))));
      const before = await scene.start("0.169.0", { isTold: false });
      scene.transcript.step(`damaged: ${await outcomeOf(before, threadId)}`);
      await before.close();

      const { mended } = await repairHome({ home: home.path });
      expect(mended.map((one) => [one.threadId, one.remaining])).toEqual([[threadId, []]]);
      renameSync(path, `${path}.damaged`);
      copyFileSync(join(home.path, mended[0]?.copy.path as string), path);

      // Of these two its database has the wrong history mode, which it goes by until it is made anew.
      if (MISTAKEN.has(`${what} ${historyMode}`)) rmSync(join(home.path, "state_5.sqlite"));
      const after = await scene.start("0.169.0", { isTold: false });
      expect(await listCodexIds(after)).toEqual([threadId]);
      const resumed = await outcomeOf(after, threadId);
      scene.transcript.step(`mended: ${resumed}`);
      expect(resumed).toMatch(/resume ok/);
      expect(await readCodexMessages(after, threadId)).toEqual(MESSAGES);
      await after.runTurn(threadId, "theirs");
      expect(await readCodexMessages(after, threadId)).toEqual([...MESSAGES, "theirs", "Answer to: theirs"]);
      await after.close();
    },
  );
});

function split(bytes: Buffer): Lines {
  const lines = bytes.toString("utf8").trimEnd().split("\n");
  return lines.map(text);
}

/** Every line is closed, but for a last one that is damaged: a crash leaves it open. */
function joined(lines: Lines): Buffer {
  const isOpen = !lines.at(-1)?.toString("utf8").endsWith("}");
  const closed = lines.map((line, at) =>
    isOpen && at === lines.length - 1 ? line : Buffer.concat([line, text("\n")]),
  );
  return Buffer.concat(closed);
}

/** What the real Codex does with a thread. */
async function outcomeOf(codex: AppServerClient, threadId: ThreadId): Promise<string> {
  const listed = (await listCodexIds(codex)).includes(threadId);
  const read = await wordOf(async () => `${(await readCodexMessages(codex, threadId)).length} messages`);
  const resumed = await wordOf(async () => {
    await codex.request("thread/resume", { threadId });
    return "ok";
  });
  const after = await wordOf(async () => `${(await readCodexMessages(codex, threadId)).length} messages`);
  return `${listed ? "listed" : "not listed"}, read ${read}, resume ${resumed}, then ${after}`;
}

/** An error says paths of this machine. */
async function wordOf(work: () => Promise<string>): Promise<string> {
  try {
    return await work();
  } catch (error) {
    return `fails (${(error as { code?: number }).code})`;
  }
}

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type HistoryMode, newThreadId, type RolloutItem, type ThreadId } from "@threadstore/core";

const HOME = fileURLToPath(new URL("../../../fixtures/homes/home169/", import.meta.url));
const CWD = "/tmp/demo/project";
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** Ids that the provider gave, such as msg_276_0. */
const PROVIDER_ID = /\b(msg|resp)_\d+(_\d+)?\b/g;

interface RecordedTurn {
  readonly thread: string;
  readonly userText: string;
  readonly agentText: string;
}

/** Turns of the fixture that are a message and its answer. */
const TURNS: Readonly<Record<HistoryMode, RecordedTurn>> = {
  paginated: { thread: "single", userText: "Single turn thread", agentText: "Reply 215 to: Single turn thread" },
  legacy: { thread: "legacy", userText: "legacy turn 2", agentText: "Reply 276 to: legacy turn 2" },
};

export interface TurnParams {
  readonly threadId: ThreadId;
  readonly historyMode: HistoryMode;
  readonly cwd: string;
  readonly text: string;
}

/** The items of a turn that the real Codex 0.169.0 recorded, with other ids, times and texts. */
export function makeTurnItems({ threadId, historyMode, cwd, text }: TurnParams): RolloutItem[] {
  const recorded = TURNS[historyMode];
  const lines = readTurnLines(recorded);
  const ids = new Map([[readThreadId(recorded.thread), threadId]]);
  const nameAnew = (id: string) => ids.get(id) ?? (ids.set(id, newThreadId()).get(id) as string);
  return lines.map((line) => {
    const renamed = line
      .replaceAll(recorded.agentText, `Answer to: ${text}`)
      .replaceAll(recorded.userText, text)
      .replaceAll(CWD, cwd)
      .replace(UUID, nameAnew)
      .replace(PROVIDER_ID, (id, kind) => `${kind}_${nameAnew(id)}`);
    return JSON.parse(renamed, withTimesOfNow) as RolloutItem;
  });
}

/** The lines from the task_started before the user's text on, to its task_complete. */
function readTurnLines({ thread, userText }: RecordedTurn): string[] {
  const lines = readRollout(thread);
  const user = lines.findIndex((line) => line.includes(`"text":"${userText}"`));
  const isEvent = (type: string) => (line: string) => line.includes(`"payload":{"type":"${type}"`);
  const start = lines.slice(0, user).findLastIndex(isEvent("task_started"));
  const length = lines.slice(start).findIndex(isEvent("task_complete")) + 1;
  return lines.slice(start, start + length);
}

function readRollout(thread: string): string[] {
  const id = readThreadId(thread);
  const name = readdirSync(`${HOME}sessions`, { recursive: true, encoding: "utf8" }).find((path) =>
    path.endsWith(`${id}.jsonl`),
  );
  return readFileSync(`${HOME}sessions/${name}`, "utf8").trimEnd().split("\n");
}

function readThreadId(thread: string): string {
  const ids = JSON.parse(readFileSync(`${HOME}ids.json`, "utf8")) as Record<string, string>;
  return ids[thread] ?? "";
}

/** The line's own time and ordinal are the store's to give; it drops them. */
function withTimesOfNow(key: string, value: unknown): unknown {
  if (key === "started_at" || key === "completed_at") return Math.floor(Date.now() / 1000);
  if (key === "started_at_ms" || key === "completed_at_ms") return Date.now();
  return value;
}

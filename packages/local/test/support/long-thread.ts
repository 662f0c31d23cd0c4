import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { type HistoryMode, instantFromMs } from "@threadstore/core";
import { THREAD_ID } from "./core-turn-histories.js";

const BEGIN_MS = Date.UTC(2026, 10, 20);

export interface LongThread {
  readonly historyMode: HistoryMode;
  readonly turns: number;
  /** Bytes of each turn that tell nothing of turns. */
  readonly turnBytes: number;
}

/** Where the rollout of a long thread lies in its home. */
export const LONG_ROLLOUT = `sessions/2026/11/20/rollout-2026-11-20T00-00-00-${THREAD_ID}.jsonl`;

/** Writes a thread of well-formed turns `turn-0`, `turn-1`, …, each with a question, a long output and an answer. */
export function writeLongThread(home: string, thread: LongThread): void {
  const path = join(home, LONG_ROLLOUT);
  fs.mkdirSync(dirname(path), { recursive: true });
  const file = fs.openSync(path, "w");
  const lines = new LongLines(thread);
  fs.writeSync(file, lines.head());
  for (let at = 0; at < thread.turns; at++) fs.writeSync(file, lines.turn(at));
  fs.closeSync(file);
}

/** The lines of a long thread. */
export class LongLines {
  readonly #thread: LongThread;
  #ordinal = 0;

  constructor(thread: LongThread) {
    this.#thread = thread;
  }

  head(): string {
    const origin = { originator: "test", cli_version: "1.0.0", source: "vscode", model_provider: "p" };
    const { historyMode: history_mode } = this.#thread;
    return this.#line("session_meta", {
      id: THREAD_ID,
      timestamp: instantFromMs(BEGIN_MS),
      cwd: "/",
      ...origin,
      history_mode,
    });
  }

  turn(at: number): string {
    const turn_id = `turn-${at}`;
    const output = { type: "function_call_output", call_id: `call-${at}`, output: "x".repeat(this.#thread.turnBytes) };
    return [
      this.#line("event_msg", { type: "task_started", turn_id }),
      ...this.#message("UserMessage", turn_id, `question ${at}`),
      this.#line("response_item", output),
      ...this.#message("AgentMessage", turn_id, `answer ${at}`),
      this.#line("event_msg", { type: "task_complete", turn_id }),
    ].join("");
  }

  #message(type: "UserMessage" | "AgentMessage", turn_id: string, text: string): string[] {
    const isUser = type === "UserMessage";
    if (this.#thread.historyMode === "legacy") {
      return [this.#line("event_msg", { type: isUser ? "user_message" : "agent_message", message: text })];
    }
    const phase = isUser ? {} : { phase: "final_answer" };
    const item = { type, id: `${type}-${turn_id}`, content: [{ type: isUser ? "text" : "Text", text }], ...phase };
    return [this.#line("event_msg", { type: "item_completed", turn_id, item })];
  }

  #line(type: string, payload: unknown): string {
    const ordinal = this.#ordinal++;
    const timestamp = instantFromMs(BEGIN_MS + ordinal * 1_000);
    const numbered = this.#thread.historyMode === "legacy" ? {} : { ordinal };
    return `${JSON.stringify({ timestamp, ...numbered, type, payload })}\n`;
  }
}

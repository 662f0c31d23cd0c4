import { type JsonObject, textField } from "@threadstore/core";
import type { DynamicToolUIPart, UIMessage } from "ai";
import { objectParts } from "./object-parts.js";

type Part = UIMessage["parts"][number];

/** What a call came to whose turn ended before it did; Codex tells models so too. */
const ABORTED = "aborted";

/** What an agent of another program recorded between two messages of users, as one message. */
export class ForeignMessage {
  readonly firstOrdinal: number;
  readonly #parts: Part[] = [];
  /** The places of calls that have no output yet, by their id. */
  readonly #waiting = new Map<string, number>();

  constructor(firstOrdinal: number) {
    this.firstOrdinal = firstOrdinal;
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  get message(): UIMessage {
    return { id: `item-${this.firstOrdinal}`, role: "assistant", parts: this.#parts };
  }

  take(item: JsonObject): void {
    const callId = textField(item, "call_id");
    if (item.type === "message") this.#putText(item);
    else if (item.type === "reasoning") this.#putReasoning(item);
    else if (callId !== undefined && String(item.type).endsWith("_call")) this.#putCall(callId, item);
    else if (callId !== undefined) this.#answer(callId, item);
  }

  /** Nobody will answer what was called. */
  endTurn(): void {
    for (const callId of [...this.#waiting.keys()]) this.#settle(callId, { state: "output-error", errorText: ABORTED });
  }

  #putText({ content }: JsonObject): void {
    const text = textsOf(content).join("");
    if (text !== "") this.#parts.push({ type: "text", text, state: "done" });
  }

  #putReasoning({ summary }: JsonObject): void {
    const text = textsOf(summary).join("\n\n");
    if (text !== "") this.#parts.push({ type: "reasoning", text, state: "done" });
  }

  #putCall(toolCallId: string, item: JsonObject): void {
    const toolName = textField(item, "name") ?? String(item.type).replace(/_call$/, "");
    this.#waiting.set(toolCallId, this.#parts.length);
    this.#parts.push({ type: "dynamic-tool", toolName, toolCallId, state: "input-available", input: inputOf(item) });
  }

  #answer(callId: string, { output }: JsonObject): void {
    this.#settle(callId, { state: "output-available", output: outputOf(output) });
  }

  #settle(callId: string, end: JsonObject): void {
    const at = this.#waiting.get(callId);
    if (at === undefined) return;
    this.#waiting.delete(callId);
    this.#parts[at] = { ...this.#parts[at], ...end } as DynamicToolUIPart;
  }
}

function textsOf(parts: unknown): string[] {
  return objectParts(parts).flatMap((part) => textField(part, "text") ?? []);
}

/** Functions take JSON, custom tools a text, the local shell an action. */
function inputOf(item: JsonObject): unknown {
  const text = textField(item, "arguments") ?? textField(item, "input");
  if (text === undefined) return item.action ?? item.arguments ?? {};
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Pictures have no place in what a tool answers here: texts are told. */
function outputOf(output: unknown): unknown {
  return Array.isArray(output) ? textsOf(output).join("\n") : (output ?? null);
}

import type { ResponseItem } from "@threadstore/core";
import { type AgentEvent, AgentFailure, type AgentTurn, type FunctionCall, responseItemOf } from "@threadstore/runtime";
import { type AskOptions, askModel, type Question } from "../model/ask-model.js";
import { isContextWindowExceeded } from "../model/model-failure.js";
import { runToolCall, type ToolRunOptions } from "../tool/run-tool-call.js";
import { compactionInput, compactionOf, withoutOldest } from "./compaction.js";

export interface ConversationOptions extends AskOptions, ToolRunOptions {
  readonly requestsMax: number;
  readonly compactAtTokens?: number;
}

/** How often a compaction leaves out more of the oldest items, when what is told is too long even for that. */
const CUTS_MAX = 8;
/** The share of the context window from which on a thread is compacted by itself. */
const COMPACT_AT_SHARE = 0.9;
/** About what a token is worth before a provider has counted. */
const CHARACTERS_PER_TOKEN = 4;

/** One turn with a model: asks, runs the tools that are called, and asks again until nothing more is called. */
export class Conversation {
  readonly #turn: AgentTurn;
  readonly #options: ConversationOptions;
  #history: ResponseItem[] = [];
  #isLoaded = false;
  /** What the provider counted of the last answer and all before it. */
  #tokens: number | undefined;

  constructor(turn: AgentTurn, options: ConversationOptions) {
    this.#turn = turn;
    this.#options = options;
  }

  async *run(): AsyncGenerator<AgentEvent> {
    const { requestsMax } = this.#options;
    await this.#load();
    for (let requests = 0; requests < requestsMax; requests += 1) {
      this.#tell(await this.#turn.takeInput());
      if (this.#isTooLong()) yield* this.compact();
      if (yield* this.#askAndAnswer()) continue;
      const said = await this.#turn.takeInput();
      if (said.length === 0) return;
      this.#tell(said);
    }
    throw new AgentFailure(`the turn took more than ${requestsMax} requests`, { codexErrorInfo: "other" });
  }

  /** Lets the model write notes of what was said, with which it goes on alone. */
  async *compact(): AsyncGenerator<AgentEvent> {
    const history = await this.#load();
    const compaction = compactionOf(history, yield* this.#askForNotes(history));
    yield { type: "compaction", ...compaction };
    this.#history = [...compaction.replacementHistory];
    // What is told now is counted with the next answer.
    this.#tokens = 0;
  }

  /** One request, and the calls that came of it. Whether there were any. */
  async *#askAndAnswer(): AsyncGenerator<AgentEvent, boolean> {
    const calls: FunctionCall[] = [];
    const question: Question = {
      history: () => this.#history,
      tools: [...this.#options.tools.values()],
      isEnough: () => calls.length > 0,
    };
    for await (const event of this.#ask(question)) {
      if (event.type === "functionCall") calls.push(event);
      yield this.#noted(event);
    }
    for await (const output of this.#answer(calls)) yield this.#noted(output);
    return calls.length > 0;
  }

  async *#askForNotes(history: readonly ResponseItem[]): AsyncGenerator<AgentEvent, string> {
    for (let told = history, cuts = 0; ; cuts += 1) {
      try {
        return yield* this.#notesOf(told);
      } catch (error) {
        const shorter = withoutOldest(told);
        if (!isContextWindowExceeded(error) || cuts === CUTS_MAX || shorter.length === 0) throw error;
        told = shorter;
        yield { type: "warning", message: "the thread is too long to be compacted whole: its oldest part is left out" };
      }
    }
  }

  async *#notesOf(history: readonly ResponseItem[]): AsyncGenerator<AgentEvent, string> {
    let notes = "";
    const asked = compactionInput(history);
    for await (const event of this.#ask({ history: () => asked, tools: [], isEnough: () => notes !== "" })) {
      if (event.type === "message") {
        notes = event.text;
        // Notes are for the model; a person sees that the thread was compacted.
        yield { type: "item", item: responseItemOf(event) as ResponseItem };
      } else if (event.type === "tokens" || event.type === "warning") yield event;
    }
    if (notes.trim() !== "") return notes;
    throw new AgentFailure("the model wrote no notes", { codexErrorInfo: "other" });
  }

  #ask(question: Question): AsyncGenerator<AgentEvent> {
    return askModel(this.#turn, question, this.#options);
  }

  /** Runs what was called at the same time, and answers in the order of the calls. */
  async *#answer(calls: readonly FunctionCall[]): AsyncGenerator<AgentEvent> {
    const outputs = calls.map((call) => runToolCall(call, this.#turn, this.#options));
    for (const output of outputs) yield { type: "functionOutput", ...(await output) };
  }

  #noted(event: AgentEvent): AgentEvent {
    const item = responseItemOf(event);
    if (item) this.#tell([item]);
    if (event.type === "tokens") this.#tokens = event.usage.totalTokens;
    return event;
  }

  #tell(items: readonly ResponseItem[]): void {
    for (const item of items) this.#history.push(item);
  }

  async #load(): Promise<readonly ResponseItem[]> {
    if (!this.#isLoaded) this.#history = [...(await this.#turn.history())];
    this.#isLoaded = true;
    return this.#history;
  }

  #isTooLong(): boolean {
    const { contextWindow } = this.#turn.settings;
    const share = contextWindow === undefined ? undefined : contextWindow * COMPACT_AT_SHARE;
    const { compactAtTokens = share } = this.#options;
    if (compactAtTokens === undefined) return false;
    this.#tokens ??= JSON.stringify(this.#history).length / CHARACTERS_PER_TOKEN;
    return this.#tokens >= compactAtTokens;
  }
}

import type { HistoryMode, ResponseItem, RolloutItem, ThreadId } from "@threadstore/core";
import { RecordBuffer, TurnRecorder, type TurnRecorderOptions } from "@threadstore/runtime";
import { isToolUIPart, type UIMessage } from "ai";
import type { OpenTurn } from "./open-turn.js";
import { callItem, isWaiting, messageText, outputItem, reasoningItem, saidItem, userInput } from "./part-records.js";

export type MessageScribeOptions = Required<Pick<TurnRecorderOptions, "settings" | "clock" | "ids">> & {
  readonly threadId: ThreadId;
  readonly historyMode: HistoryMode;
};

type Part = UIMessage["parts"][number];

/** Makes the records of messages: what a model is told of them, and the turns that people see. */
export class MessageScribe {
  readonly #options: MessageScribeOptions;
  readonly #buffer: RecordBuffer;
  #open: OpenTurn | null;
  #recorder: TurnRecorder | null = null;

  constructor(options: MessageScribeOptions, open: OpenTurn | null) {
    this.#options = options;
    this.#buffer = new RecordBuffer(options.threadId);
    this.#open = open;
  }

  /** What is recorded of a message. Never nothing. */
  async record(message: UIMessage): Promise<RolloutItem[]> {
    if (message.role === "system") return [responseRecord(saidItem("system", messageText(message)))];
    if (message.role === "user") await this.#addOfUser(message);
    else await this.#addOfAgent(message);
    return this.#buffer.take();
  }

  /** A message of a user begins a turn, unless the agent did not answer yet in the one that is open. */
  async #addOfUser(message: UIMessage): Promise<void> {
    if (this.#open?.hasAnswer) await this.#interrupt();
    if (this.#open) await (await this.#turn()).steer(userInput(message));
    else await this.#begin(userInput(message));
  }

  /** A message of an agent ends its turn, unless something in it waits. */
  async #addOfAgent(message: UIMessage): Promise<void> {
    if (this.#open === null) await this.#begin([]);
    const turn = await this.#turn();
    for (const [at, part] of message.parts.entries()) await this.#tell(part, `${message.id}-${at}`);
    if (this.#open) this.#open = { ...this.#open, hasAnswer: true };
    if (isWaiting(message)) return;
    await turn.complete();
    this.#close();
  }

  async #tell(part: Part, id: string): Promise<void> {
    const turn = await this.#turn();
    if (part.type === "text") {
      const { text } = part;
      await this.#putAs(saidItem("assistant", text), () => turn.agentMessage({ id, text }));
    } else if (part.type === "reasoning") {
      const summary = part.text === "" ? [] : [part.text];
      await this.#putAs(reasoningItem(part), () => turn.reasoning({ id, summary }));
    } else if (isToolUIPart(part)) {
      await turn.item(callItem(part));
      const answered = outputItem(part);
      if (answered) await turn.item(answered.item, answered.seen);
    }
  }

  /** Puts an item in the place of the one that a recorder told last: ids of what people see mean nothing to a provider. */
  async #putAs(item: ResponseItem, tell: () => Promise<void>): Promise<void> {
    const before = this.#buffer.take();
    await tell();
    const after = this.#buffer
      .take()
      .map((record) => (record.type === "response_item" ? responseRecord(item) : record));
    await this.#buffer.recordItems([...before, ...after]);
  }

  async #begin(input: ReturnType<typeof userInput>): Promise<void> {
    const recorder = new TurnRecorder(this.#recorderOptions());
    this.#recorder = recorder;
    this.#open = { turnId: recorder.turnId, startedAtMs: this.#options.clock.nowMs(), hasAnswer: false };
    await recorder.start(input);
  }

  /** What waited in the turn before will not be answered there: a person sees that, the messages tell a model. */
  async #interrupt(): Promise<void> {
    const turn = await this.#turn();
    const before = this.#buffer.take();
    await turn.interrupt();
    const ended = this.#buffer.take().filter(({ type }) => type !== "response_item");
    await this.#buffer.recordItems([...before, ...ended]);
    this.#close();
  }

  #close(): void {
    this.#open = null;
    this.#recorder = null;
  }

  /** The recorder of the open turn. That of a turn which was begun by an earlier save is told when that was. */
  async #turn(): Promise<TurnRecorder> {
    if (this.#recorder) return this.#recorder;
    const { clock } = this.#options;
    const { turnId, startedAtMs } = this.#open as OpenTurn;
    let isReplayed = true;
    const nowMs = () => (isReplayed ? startedAtMs : clock.nowMs());
    const recorder = new TurnRecorder({ ...this.#recorderOptions(), turnId, clock: { nowMs } });
    const before = this.#buffer.take();
    await recorder.start([]);
    this.#buffer.take();
    await this.#buffer.recordItems(before);
    isReplayed = false;
    this.#recorder = recorder;
    return recorder;
  }

  #recorderOptions(): TurnRecorderOptions {
    const { threadId: _id, ...options } = this.#options;
    return { ...options, recorder: this.#buffer };
  }
}

function responseRecord(item: ResponseItem): RolloutItem {
  return { type: "response_item", payload: item };
}

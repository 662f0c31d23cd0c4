import type { HistoryMode, RolloutItem, ThreadId } from "@threadstore/core";
import { RecordBuffer, TurnRecorder, type TurnRecorderOptions } from "@threadstore/runtime";
import { itemRecord } from "../history/item-record.js";
import type { StoredForm } from "../wire/stored-form.js";
import { foldOpenTurn, type OpenTurn } from "./open-turn.js";
import { seenInput, seenOutput, seenText, seenTexts } from "./seen-items.js";

export type TurnScribeOptions = Required<Pick<TurnRecorderOptions, "settings" | "clock" | "ids">> & {
  readonly threadId: ThreadId;
  readonly historyMode: HistoryMode;
};

/** Makes the records of items that are added to a session: the items themselves, and the turns that people see. */
export class TurnScribe {
  readonly #options: TurnScribeOptions;
  readonly #buffer: RecordBuffer;
  #open: OpenTurn | null;
  #recorder: TurnRecorder | null = null;
  #records: RolloutItem[] = [];

  constructor(options: TurnScribeOptions, open: OpenTurn | null) {
    this.#options = options;
    this.#buffer = new RecordBuffer(options.threadId);
    this.#open = open;
  }

  /** The turn that is open after what was recorded. */
  get open(): OpenTurn | null {
    return this.#open;
  }

  /** What is recorded of one call of `addItems`. */
  async record(forms: readonly StoredForm[]): Promise<RolloutItem[]> {
    const before = this.#open?.turnId;
    for (const form of forms) await this.#add(form);
    const last = forms.at(-1)?.wire;
    const isWholeRun = this.#open !== null && this.#open.turnId !== before;
    if (isAnswered(this.#open) && (isWholeRun || last?.role === "assistant")) await this.#end();
    return this.#records.splice(0);
  }

  async #add(form: StoredForm): Promise<void> {
    const { type, role } = form.wire;
    if (type !== "message") await this.#addOfAgent(form);
    else if (role === "user") await this.#addOfUser(form);
    else if (role === "assistant") await this.#addOfAgent(form);
    else this.#put([itemRecord(form)]);
  }

  /** A message of a user begins a turn, unless the agent did not say or do anything yet in the one that is open. */
  async #addOfUser(form: StoredForm): Promise<void> {
    if (this.#open?.hasAnswer) await this.#end();
    const input = seenInput(form.wire);
    if (this.#open) await (await this.#turn()).steer(input);
    else await this.#begin().start(input);
    this.#putWith(form);
  }

  async #addOfAgent(form: StoredForm): Promise<void> {
    if (this.#open === null) {
      await this.#begin().start([]);
      this.#put(this.#buffer.take());
    }
    await this.#tell(await this.#turn(), form);
    this.#putWith(form);
  }

  #tell(turn: TurnRecorder, { wire }: StoredForm): Promise<void> {
    const id = typeof wire.id === "string" ? wire.id : undefined;
    if (wire.type === "message") {
      const text = seenText(wire.content);
      const phase = wire.phase as "commentary" | "final_answer" | undefined;
      return text === "" ? turn.item(wire) : turn.agentMessage(this.#named(id, { text, ...(phase ? { phase } : {}) }));
    }
    const summary = wire.type === "reasoning" ? seenTexts(wire.summary) : [];
    if (summary.length > 0) return turn.reasoning(this.#named(id, { summary }));
    const call = wire.type === "function_call_output" ? this.#open?.unanswered.get(String(wire.call_id)) : undefined;
    return turn.item(wire, call && seenOutput(wire, call));
  }

  /** What a person sees has an id. */
  #named<T>(id: string | undefined, fields: T): T & { readonly id: string } {
    return { ...fields, id: id ?? this.#newId() };
  }

  /** The recorder told the item in its own words: the item itself takes that place. */
  #putWith(form: StoredForm): void {
    const own = itemRecord(form);
    this.#put(this.#buffer.take().map((record) => (record.type === "response_item" ? own : record)));
  }

  #put(records: readonly RolloutItem[]): void {
    this.#records.push(...records);
    for (const record of records) this.#open = foldOpenTurn(this.#open, record);
  }

  /** A turn with calls that were never answered, or no answer at all, did not come to its end. */
  async #end(): Promise<void> {
    const turn = await this.#turn();
    if (isAnswered(this.#open)) await turn.complete();
    else await turn.interrupt();
    // The model is told of an interruption by what is missing: a session gives back the items that were added, no others.
    this.#put(this.#buffer.take().filter(({ type }) => type !== "response_item"));
    this.#recorder = null;
  }

  #begin(): TurnRecorder {
    this.#recorder = new TurnRecorder(this.#recorderOptions());
    return this.#recorder;
  }

  /** The recorder of the open turn. That of a turn which another process began is told what it would know. */
  async #turn(): Promise<TurnRecorder> {
    const open = this.#open;
    if (this.#recorder || open === null) return this.#recorder ?? this.#begin();
    const { clock } = this.#options;
    let startedAtMs: number | null = open.startedAtMs;
    const nowMs = () => startedAtMs ?? clock.nowMs();
    const recorder = new TurnRecorder({ ...this.#recorderOptions(), turnId: open.turnId, clock: { nowMs } });
    await recorder.start([]);
    if (open.lastMessage) await recorder.agentMessage(open.lastMessage);
    this.#buffer.take();
    startedAtMs = null;
    this.#recorder = recorder;
    return recorder;
  }

  #recorderOptions(): TurnRecorderOptions {
    const { threadId: _id, ...options } = this.#options;
    return { ...options, recorder: this.#buffer };
  }

  #newId(): string {
    return this.#options.ids.newId();
  }
}

function isAnswered(open: OpenTurn | null): boolean {
  return open?.hasAnswer === true && open.unanswered.size === 0;
}

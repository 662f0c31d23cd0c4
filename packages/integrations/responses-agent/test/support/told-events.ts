import type { AgentThread, LaggedEvent, ThreadEvent } from "@threadstore/runtime";

/** What a thread tells from now on, each event in a word or two. */
export class ToldEvents {
  readonly #events: AsyncIterableIterator<ThreadEvent | LaggedEvent, undefined>;
  readonly #words: string[] = [];

  constructor(thread: AgentThread) {
    this.#events = thread.events();
  }

  /** Reads on to an event that begins so; all that was told until then. */
  async until(beginning: string): Promise<readonly string[]> {
    for (;;) {
      const { done, value } = await this.#events.next();
      if (done) throw new Error(`the events ended before: ${beginning}`);
      const word = wordOf(value);
      this.#words.push(word);
      if (word.startsWith(beginning)) return this.#words;
    }
  }
}

function wordOf(event: ThreadEvent | LaggedEvent): string {
  switch (event.type) {
    case "statusChanged":
      return [event.status.type, ...("waitingOn" in event.status ? event.status.waitingOn : [])].join(" ");
    case "itemStarted":
    case "itemCompleted":
      return `${event.type} ${event.item.type}`;
    case "messageDelta":
    case "reasoningDelta":
      return `${event.type} ${event.id} ${event.delta}`;
    case "turnEnded":
      return `turnEnded ${event.status}`;
    case "tokens":
      return `tokens ${event.last.totalTokens} of ${event.total.totalTokens}`;
    case "warning":
      return `warning ${event.message}`;
    default:
      return event.type;
  }
}

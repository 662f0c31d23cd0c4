import { toApiThreadItem } from "@threadstore/codex-wire";
import { instantFromMs, type TurnItem } from "@threadstore/core";
import type { LaggedEvent, ThreadEvent } from "@threadstore/runtime";
import type { Colors } from "../output/colors.js";
import { plainLines } from "../output/plain-text.js";
import { formatItem } from "../transcript/format-item.js";

export interface TurnPrinterOptions {
  /** What the agent says. */
  readonly say: (text: string) => Promise<void>;
  /** What it does beside, and what goes wrong. */
  readonly note: (text: string) => Promise<void>;
  readonly colors: Colors;
}

/** Prints what happens in a thread as it happens. */
export class TurnPrinter {
  readonly #options: TurnPrinterOptions;
  /** The messages that were said in parts. */
  readonly #streamed = new Set<string>();
  #isInLine = false;

  constructor(options: TurnPrinterOptions) {
    this.#options = options;
  }

  /** Prints events until there are no more. */
  async print(events: AsyncIterable<ThreadEvent | LaggedEvent>): Promise<void> {
    for await (const event of events) await this.#take(event);
  }

  async #take(event: ThreadEvent | LaggedEvent): Promise<void> {
    const { colors } = this.#options;
    switch (event.type) {
      case "messageDelta":
        this.#streamed.add(event.id);
        return this.#say(event.delta);
      case "itemCompleted":
        return this.#completed(event.item);
      case "warning":
        return this.#note(colors.yellow(plainLines(event.message)));
      case "lagged":
        return this.#note(colors.yellow(`${event.missed} events were too many to print; the thread has them`));
      case "turnEnded":
        if (event.status === "failed")
          return this.#note(colors.red(plainLines(`failed: ${event.error?.message ?? ""}`)));
        return event.status === "interrupted" ? this.#note(colors.yellow("interrupted")) : undefined;
      default:
        return undefined;
    }
  }

  async #completed(item: TurnItem): Promise<void> {
    if (item.type === "UserMessage") return;
    if (item.type === "AgentMessage") {
      if (this.#streamed.delete(item.id)) return this.#endLine();
      await this.#say(messageText(item));
      return this.#endLine();
    }
    const { colors } = this.#options;
    const stored = { turnId: "", itemId: item.id, ordinal: 0, createdAt: instantFromMs(0), item };
    await this.#note(formatItem(toApiThreadItem(stored), { colors, isFull: false }).trimEnd());
  }

  async #say(text: string): Promise<void> {
    this.#isInLine = !text.endsWith("\n");
    await this.#options.say(plainPart(text));
  }

  async #endLine(): Promise<void> {
    if (this.#isInLine) await this.#options.say("\n");
    this.#isInLine = false;
  }

  async #note(line: string): Promise<void> {
    await this.#endLine();
    await this.#options.note(`${line}\n`);
  }
}

/** A part of a text: the spaces at its ends belong to it. */
function plainPart(text: string): string {
  const end = /\s*$/.exec(text)?.[0] ?? "";
  return plainLines(text.slice(0, text.length - end.length)) + end.replaceAll("\r", "");
}

function messageText({ content }: TurnItem): string {
  const parts = Array.isArray(content) ? (content as readonly { readonly text?: string }[]) : [];
  return parts.map(({ text = "" }) => text).join("");
}

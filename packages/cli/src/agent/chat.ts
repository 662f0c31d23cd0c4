import type { Interface } from "node:readline";
import { colors } from "../output/colors.js";
import { plainText } from "../output/plain-text.js";
import { writeOut } from "../output/write-out.js";
import type { AgentSession } from "./agent-options.js";
import { TurnPrinter } from "./turn-printer.js";

export interface ChatOptions {
  readonly lines: Interface;
  /** Whether a person sits there: lines are not waited for then, and one that comes while the agent works steers it. */
  readonly isTerminal: boolean;
}

const HELP = `/compact      shorten what the model is told
/name NAME    name the thread
/help         this
/quit         leave; Ctrl-D does too
Ctrl-C        interrupt the agent; once more to leave
`;

/** A conversation of a person with an agent. */
export class Chat {
  readonly #session: AgentSession;
  readonly #options: ChatOptions;

  constructor(session: AgentSession, options: ChatOptions) {
    this.#session = session;
    this.#options = options;
  }

  /** Goes on until the person leaves. */
  async talk(): Promise<void> {
    const { lines, isTerminal } = this.#options;
    const { thread } = this.#session;
    await writeOut(`${colors.dim(`thread ${thread.threadId}, ${thread.snapshot().settings.model}; /help`)}\n`);
    void new TurnPrinter({ say: writeOut, note: writeOut, colors }).print(this.#events());
    lines.setPrompt("> ");
    this.#prompt();
    for await (const line of lines) {
      if (line.trim() === "/quit") break;
      await this.#take(line.trim()).catch((error: Error) => writeOut(`${colors.red(plainText(error.message))}\n`));
      if (!isTerminal) await thread.untilIdle();
      this.#prompt();
    }
  }

  async #take(line: string): Promise<void> {
    const { thread } = this.#session;
    const [command = "", ...words] = line.split(/\s+/);
    if (line === "") return;
    if (!command.startsWith("/")) {
      await thread.submit({ type: "userTurn", input: [{ type: "text", text: line }] });
    } else if (command === "/compact") await thread.submit({ type: "compact" });
    else if (command === "/name" && words.length > 0) await thread.submit({ type: "name", name: words.join(" ") });
    else await writeOut(HELP);
  }

  /** What happens, with a prompt after each turn. */
  async *#events() {
    for await (const event of this.#session.thread.events()) {
      yield event;
      if (event.type === "turnEnded") this.#prompt();
    }
  }

  #prompt(): void {
    if (this.#options.isTerminal && this.#session.thread.status.type !== "active") this.#options.lines.prompt();
  }
}

import { createInterface } from "node:readline";
import type { Command } from "commander";
import { type AgentOptions, addAgentOptions, openSession } from "../agent/agent-options.js";
import { Chat } from "../agent/chat.js";
import { Interrupts } from "../agent/interrupts.js";
import { shutDown } from "../agent/shut-down.js";
import { openStore } from "../open-store.js";

export function addChat(program: Command): void {
  const command = program
    .command("chat")
    .description(
      "Talk with an agent, in a new thread or a stored one. Every line is a message; /help tells what else there is.",
    );
  addAgentOptions(command).action(async (options: AgentOptions, self: Command) => {
    await using store = await openStore(self);
    const session = await openSession(store, options);
    const isTerminal = process.stdin.isTTY === true;
    const lines = createInterface({ input: process.stdin, output: process.stdout, terminal: isTerminal });
    using interrupts = new Interrupts(session, () => lines.close());
    // A terminal that edits lines does not send the signal.
    lines.on("SIGINT", () => interrupts.signal());
    try {
      await new Chat(session, { lines, isTerminal }).talk();
    } finally {
      lines.close();
      await shutDown(session);
    }
  });
}

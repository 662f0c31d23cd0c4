import { text as readText } from "node:stream/consumers";
import type { Command } from "commander";
import { type AgentOptions, type AgentSession, addAgentOptions, openSession } from "../agent/agent-options.js";
import { INTERRUPTED_EXIT_CODE, Interrupts } from "../agent/interrupts.js";
import { shutDown } from "../agent/shut-down.js";
import { TurnPrinter } from "../agent/turn-printer.js";
import { ExitCode } from "../exit-code.js";

import { openStore } from "../open-store.js";
import { colorsFor } from "../output/colors.js";
import { writeNote, writeOut } from "../output/write-out.js";

interface RunOptions extends AgentOptions {
  readonly json?: true;
}

export function addRun(program: Command): void {
  const command = program
    .command("run <prompt>")
    .description(
      "Run one turn of an agent, in a new thread or a stored one. A prompt of - is read from standard input.",
    )
    .option("--json", "print the thread, then every event, as one JSON object a line");
  addAgentOptions(command).action(async (prompt: string, options: RunOptions, self: Command) => {
    await using store = await openStore(self);
    const text = prompt === "-" ? await readText(process.stdin) : prompt;
    const session = await openSession(store, options);
    process.exitCode = await runTurn(session, { text, isJson: options.json === true });
  });
}

async function runTurn(
  session: AgentSession,
  { text, isJson }: { readonly text: string; readonly isJson: boolean },
): Promise<number> {
  const { thread } = session;
  const printing = isJson ? printJsonLines(session) : printText(session);
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= shutDown(session);
    return closing;
  };
  using interrupts = new Interrupts(session, () => void close().catch(() => undefined));
  let status: string;
  try {
    status = (await thread.runTurn(text)).status;
  } finally {
    await close();
    await printing;
  }
  if (!isJson && !thread.snapshot().isEphemeral) {
    const { dim } = colorsFor(process.stderr);
    await writeNote(`${dim(`thread ${thread.threadId}`)}\n`);
  }
  if (interrupts.wasInterrupted) return INTERRUPTED_EXIT_CODE;
  return status === "completed" ? ExitCode.ok : ExitCode.failure;
}

function printText({ thread }: AgentSession): Promise<void> {
  const colors = colorsFor(process.stderr);
  return new TurnPrinter({ say: writeOut, note: writeNote, colors }).print(thread.events());
}

async function printJsonLines({ thread }: AgentSession): Promise<void> {
  const events = thread.events();
  await writeOut(`${JSON.stringify({ type: "thread", ...thread.snapshot() })}\n`);
  for await (const event of events) await writeOut(`${JSON.stringify(event)}\n`);
}

import { execFileSync, spawnSync } from "node:child_process";
import { COMMAND } from "./run-command.js";
import { RunningCommand } from "./running-command.js";

/** Whether there is the script(1) of util-linux, which runs a command in a terminal; every Debian has it. */
export const hasTerminals =
  spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux") ?? false;

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about.
const SEQUENCE = /\u001b\[[0-9;?]*[A-Za-z]/g;

/** Columns and rows. */
export type TerminalSize = readonly [number, number];

/** The command in a terminal of its own, and what stands on its screen. */
export class TerminalCommand implements AsyncDisposable {
  readonly #command: RunningCommand;

  constructor(args: readonly string[], [columns, rows]: TerminalSize) {
    const words = [process.execPath, COMMAND, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
    const line = `tty && echo $$ && stty cols ${columns} rows ${rows} && exec ${words.join(" ")}`;
    const environment = { TERM: "xterm-256color", SHELL: "/bin/sh" };
    this.#command = new RunningCommand(["-qefc", line, "/dev/null"], { environment, program: ["script"] });
  }

  /** Types keys. */
  send(keys: string): void {
    this.#command.send(keys);
  }

  resize([columns, rows]: TerminalSize): void {
    execFileSync("stty", ["-F", this.#line(0), "cols", `${columns}`, "rows", `${rows}`]);
  }

  /** Ends the command from outside of its terminal. */
  terminate(): void {
    process.kill(Number(this.#line(1)), "SIGTERM");
  }

  /** Resolves to the screen as soon as it is as expected. */
  async until(isExpected: (screen: string) => boolean): Promise<string> {
    return screenOf(await this.#command.until((text) => isExpected(screenOf(text))));
  }

  /** All that was written, as it was written. */
  get written(): string {
    return this.#command.stdout;
  }

  ended(): Promise<number | null> {
    return this.#command.ended();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#command[Symbol.asyncDispose]();
  }

  /** What was written before the command began: the path of its terminal, and the id of its process. */
  #line(number: number): string {
    return this.#command.stdout.split(/\r?\n/, 2)[number] ?? "";
  }
}

/** The last screen that was drawn whole, the prompt first. */
function screenOf(written: string): string {
  const frames = written.split(HIDE_CURSOR).slice(1);
  const frame =
    frames
      .filter((text) => text.includes(SHOW_CURSOR))
      .at(-1)
      ?.split(SHOW_CURSOR, 1)[0] ?? "";
  const [lines = "", prompt = ""] = frame.split("\u001b[J\u001b[H");
  return [prompt, ...lines.split("\r\n").slice(1)].map((line) => line.replace(SEQUENCE, "").trimEnd()).join("\n");
}

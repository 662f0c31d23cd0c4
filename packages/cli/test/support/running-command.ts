import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { COMMAND } from "./run-command.js";

const DEADLINE_MS = 30_000;

export interface RunningCommandOptions {
  /** Beside the path and the home of the user. */
  readonly environment?: NodeJS.ProcessEnv;
  /** What is run with the arguments. Default: the command. */
  readonly program?: readonly [string, ...string[]];
}

/** A command that runs until it is interrupted, and what it has printed so far. */
export class RunningCommand implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #stdout = "";
  #stderr = "";

  constructor(args: readonly string[], { environment, program }: RunningCommandOptions = {}) {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...environment };
    const [file, ...before] = program ?? [process.execPath, COMMAND];
    this.#child = spawn(file, [...before, ...args], { env, stdio: ["pipe", "pipe", "pipe"] });
    this.#closed = once(this.#child, "close");
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Types a line. */
  type(line: string): void {
    this.send(`${line}\n`);
  }

  /** Types keys, as a terminal sends them. */
  send(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** Interrupts it as Ctrl-C does, without waiting. */
  press(): void {
    this.#child.kill("SIGINT");
  }

  /** Resolves as soon as what was printed is as expected. */
  async until(isEnough: (stdout: string) => boolean): Promise<string> {
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    while (!isEnough(this.#stdout)) {
      const printed = once(this.#child.stdout as NonNullable<ChildProcess["stdout"]>, "data", { signal: deadline });
      await Promise.race([printed, this.#endedTooSoon()]).catch((cause) => {
        throw new Error(`it printed ${JSON.stringify(this.#stdout)} and ${JSON.stringify(this.#stderr)}`, { cause });
      });
    }
    return this.#stdout;
  }

  /** The exit code of a command that ends by itself. */
  async ended(): Promise<number | null> {
    await this.#closed;
    return this.#child.exitCode;
  }

  interrupt(): Promise<number | null> {
    this.press();
    return this.ended();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#closed;
  }

  async #endedTooSoon(): Promise<never> {
    await this.#closed;
    throw new Error(`the command ended with ${this.#child.exitCode}`);
  }
}

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { CodexHome } from "./codex-home.js";

const COMMAND = fileURLToPath(new URL("../../../packages/cli/bin/threadstore.js", import.meta.url));
const run = promisify(execFile);

/** What `threadstore` prints. */
export async function runThreadstore(...args: string[]): Promise<string> {
  return (await run(process.execPath, [COMMAND, ...args], { maxBuffer: 1e8 })).stdout;
}

/** What an agent of `threadstore run` says, whose model is that of a provider. */
export async function runAgent(args: readonly string[], options: AgentRunOptions): Promise<string> {
  const env = { ...options.home.environment, OPENAI_API_KEY: "none", OPENAI_BASE_URL: options.providerUrl };
  const whole = ["--home", options.home.path, "run", ...args, "--provider", "fake", "--model", "fake-model"];
  const running = run(process.execPath, [COMMAND, ...whole], { env, cwd: options.home.workspace, maxBuffer: 1e8 });
  return (await running).stdout;
}

export interface AgentRunOptions {
  readonly home: CodexHome;
  readonly providerUrl: string;
}

/** A process of `threadstore serve`. */
export class ServingCommand implements AsyncDisposable {
  /** As the real Codex is told it: `http://HOST:PORT`. */
  readonly endpoint: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown[]>;

  private constructor(child: ChildProcess, endpoint: string) {
    this.#child = child;
    this.endpoint = endpoint;
    this.#exited = once(child, "exit");
  }

  /** Serves a home; on port 0 where the system wants. */
  static async start(home: string, port = 0): Promise<ServingCommand> {
    const args = ["--home", home, "serve", "--grpc", `127.0.0.1:${port}`, "--log-level", "silent"];
    const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    let printed = "";
    for await (const text of child.stdout.setEncoding("utf8")) {
      printed += text;
      const [, endpoint] = /endpoint = "(\S+)"/.exec(printed) ?? [];
      if (endpoint) return new ServingCommand(child, endpoint);
    }
    throw new Error(`nothing is served: ${printed}`);
  }

  get port(): number {
    return Number(new URL(this.endpoint).port);
  }

  /** Ends it as an operator does, which flushes every thread; gives its exit code. */
  async drain(): Promise<unknown> {
    this.#child.kill("SIGTERM");
    return (await this.#exited)[0];
  }

  /** Ends it with no chance to clean up. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.kill();
  }
}

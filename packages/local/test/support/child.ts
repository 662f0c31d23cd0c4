import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";

/** What a child may take for anything that it is waited for, on a machine that does much else. */
const DEADLINE_MS = 60_000;
const REPORT_FD = 4;

/**
 * A process that reports on a pipe of its own: it has written a report before it goes on, so what was acknowledged is known
 * here even when it is killed right after.
 */
export class Child<Report extends { readonly type: string }> implements AsyncDisposable {
  readonly reports: Report[] = [];
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  #waiting: (() => void)[] = [];
  #rest = "";
  #isOver = false;

  constructor(script: URL, args: readonly string[], onReport?: (report: Report, child: Child<Report>) => void) {
    const stdio = ["ignore", "inherit", "inherit", "ipc", "pipe"] as const;
    this.#process = spawn(process.execPath, [script.pathname, ...args], { stdio: [...stdio] });
    const pipe = this.#process.stdio[REPORT_FD] as Readable;
    this.#ended = Promise.all([once(pipe, "close"), once(this.#process, "exit")]).then(() => {
      this.#isOver = true;
      this.#wake();
    });
    // The channel of a process that was killed is gone; that is seen by its end.
    this.#process.on("error", () => undefined);
    pipe.setEncoding("utf8").on("data", (text: string) => {
      const lines = (this.#rest + text).split("\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) {
        const report = JSON.parse(line) as Report;
        this.reports.push(report);
        onReport?.(report, this);
      }
      this.#wake();
    });
  }

  send(message: object): void {
    if (this.#process.connected) this.#process.send(message, () => undefined);
  }

  signal(signal: "SIGKILL" | "SIGSTOP" | "SIGCONT"): void {
    this.#process.kill(signal);
  }

  /** Resolves with the first report of a type, also one that came before. */
  async report<Type extends Report["type"]>(type: Type): Promise<Extract<Report, { readonly type: Type }>> {
    const isWanted = (report: Report) => report.type === type;
    await this.until(() => this.reports.some(isWanted), type);
    return this.reports.find(isWanted) as Extract<Report, { readonly type: Type }>;
  }

  /** The same; undefined when the process ended without it. */
  async reportUnlessEnded<Type extends Report["type"]>(type: Type) {
    await Promise.race([this.#ended, this.report(type).catch(() => undefined)]);
    return this.reports.some((report) => report.type === type) ? this.report(type) : undefined;
  }

  /** Resolves when something holds that reports decide. */
  async until(isDone: () => boolean, what = "something"): Promise<void> {
    const endMs = performance.now() + DEADLINE_MS;
    while (!isDone()) {
      const told = `after ${this.reports.length} reports, the last ${JSON.stringify(this.reports.at(-1))?.slice(0, 500)}`;
      if (this.#isOver && !isDone()) throw new Error(`a child ended before ${what}, ${told}`);
      if (performance.now() > endMs) throw new Error(`a child did not come to ${what} in time, ${told}`);
      await this.#change();
    }
  }

  /** Resolves when the process has ended and everything it reported was read. */
  async ended(): Promise<void> {
    await this.#ended;
  }

  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOver) await this.kill();
  }

  /** Resolves at the next report or end; a second without either gives the deadline a chance. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 1_000);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

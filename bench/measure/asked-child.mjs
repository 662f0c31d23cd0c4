import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/**
 * A script of bench/children in a process of its own, which answers questions until its input ends: one JSON text a line,
 * both ways. What it prints before the first question says that it is ready.
 */
export class AskedChild {
  /** What it printed when it was ready. */
  ready;
  #script;
  #process;
  #ended;
  #lines;

  static async start(script, args = []) {
    const child = new AskedChild(script, args);
    child.ready = await child.#nextLine();
    return child;
  }

  constructor(script, args) {
    const path = fileURLToPath(new URL(`../children/${script}`, import.meta.url));
    this.#script = script;
    this.#process = spawn(process.execPath, [path, ...args.map(String)], { stdio: ["pipe", "pipe", "inherit"] });
    this.#ended = once(this.#process, "close");
    // Its end is told by whoever waits for an answer.
    this.#process.stdin.on("error", () => {});
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** @throws Error when the child ends before it answers. */
  ask(question = {}) {
    this.#process.stdin.write(`${JSON.stringify(question)}\n`);
    return this.#nextLine();
  }

  async close() {
    this.#process.stdin.end();
    const [code] = await this.#ended;
    if (code !== 0) throw new Error(`${this.#script} ended with code ${code}`);
  }

  async #nextLine() {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.#script} ended without an answer`);
    return JSON.parse(value);
  }
}

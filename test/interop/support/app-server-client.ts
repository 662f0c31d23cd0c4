import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { CodexHome } from "./codex-home.js";
import type { Transcript } from "./transcript.js";

export interface AppServerOptions {
  /** The binary, from `ensureCodex`. */
  readonly command: string;
  readonly home: CodexHome;
  /** Arguments after `app-server`; none by default. */
  readonly arguments?: readonly string[];
  /** Where requests and answers are told; nowhere by default. */
  readonly transcript?: Transcript;
  /** How long an answer or a notification may take, in milliseconds; 60,000 by default, as a turn on a busy machine. */
  readonly waitTimeoutMs?: number;
}

/** A message without id that the server sent; its params are whatever the method says. */
export interface Notification {
  readonly method: string;
  readonly params: JsonObject;
}

// biome-ignore lint/suspicious/noExplicitAny: answers of a foreign server; each test looks at the few fields it knows.
export type JsonObject = Record<string, any>;

/** An answer that was an error. */
class AppServerError extends Error {
  override readonly name = "AppServerError";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

interface Waiter<T> {
  readonly what: string;
  readonly accepts: (message: JsonObject) => boolean;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

const STDERR_MAX_LINES = 20;
const CLIENT_INFO = { name: "threadstore_interop", title: null, version: "0.0.0" };

/** Starts `codex app-server` over stdio in a home; resolves after the handshake. */
export async function startAppServer(options: AppServerOptions): Promise<AppServerClient> {
  const client = new AppServerClient(options);
  await client.shakeHands();
  return client;
}

/** One running app-server. */
export class AppServerClient {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly transcript: Transcript | undefined;
  private readonly waitTimeoutMs: number;
  private readonly exited: Promise<string>;
  private readonly stderr: string[] = [];
  private readonly waiters = new Set<Waiter<JsonObject>>();
  private unread: JsonObject[] = [];
  private lastId = 0;
  private hasExited = false;

  constructor(options: AppServerOptions) {
    this.transcript = options.transcript;
    this.waitTimeoutMs = options.waitTimeoutMs ?? 60_000;
    // A process group of its own, so that a kill takes the helpers of Codex along.
    this.child = spawn(options.command, ["app-server", ...(options.arguments ?? [])], {
      env: options.home.environment,
      cwd: options.home.workspace,
      detached: true,
    });
    // A write after a kill fails; the exit tells the waiting requests.
    this.child.stdin.on("error", () => {});
    createInterface({ input: this.child.stdout }).on("line", (line) => this.receiveLine(line));
    createInterface({ input: this.child.stderr }).on("line", (line) => this.keepErrorLine(line));
    this.exited = this.watchExit();
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error("the app-server did not start");
    return this.child.pid;
  }

  /** The transcript leaves it out: the answer names the machine. */
  async shakeHands(): Promise<void> {
    const answer = await this.call("initialize", {
      clientInfo: CLIENT_INFO,
      capabilities: { experimentalApi: true, requestAttestation: false },
    });
    readResult(answer);
    this.send({ method: "initialized" });
  }

  /** @throws AppServerError when the answer is an error. */
  async request(method: string, params: JsonObject = {}): Promise<JsonObject> {
    this.transcript?.request(method, params);
    const answer = await this.call(method, params);
    this.transcript?.answer(answer.error === undefined ? answer.result : { error: answer.error });
    return readResult(answer);
  }

  /** Waits for a notification, also one that has come already; each is handed out once. */
  async waitFor(method: string, accepts: (params: JsonObject) => boolean = () => true): Promise<Notification> {
    const message = await this.wait(method, (candidate) => candidate.method === method && accepts(candidate.params));
    return { method, params: message.params };
  }

  /** Starts a turn and waits until it is over, whatever its status; gives the turn. */
  async runTurn(threadId: string, text: string): Promise<JsonObject> {
    const turnId = await this.startTurn(threadId, text);
    const { params } = await this.waitFor("turn/completed", ({ turn }) => turn.id === turnId);
    this.transcript?.step(`turn ${turnId} is ${params.turn.status}`);
    return params.turn;
  }

  /** Starts a turn without waiting for its end; gives the turn's id. */
  async startTurn(threadId: string, text: string): Promise<string> {
    const input = [{ type: "text", text, text_elements: [] }];
    const { turn } = await this.request("turn/start", { threadId, input });
    return turn.id;
  }

  /** Ends the server as a client does that leaves: the end of its input. */
  async close(): Promise<void> {
    this.child.stdin.end();
    const how = await this.exited;
    this.transcript?.step(`closed, ${how}`);
  }

  /** Ends the server with no chance to clean up; does nothing when it has ended. */
  async kill(): Promise<void> {
    if (this.hasExited) return;
    process.kill(-this.pid, "SIGKILL");
    await this.exited;
    this.transcript?.step("killed");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  private call(method: string, params: JsonObject): Promise<JsonObject> {
    this.lastId += 1;
    const id = this.lastId;
    this.send({ id, method, params });
    return this.wait(`answer to ${method}`, (message) => message.id === id);
  }

  private send(message: JsonObject): void {
    this.child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  /** A kill may tear the last line; what is no message is kept to explain a failure. */
  private receiveLine(line: string): void {
    const message = parseMessage(line);
    if (message === undefined) this.keepErrorLine(line);
    else this.receive(message);
  }

  private receive(message: JsonObject): void {
    if ("method" in message && "id" in message) {
      this.refuse(message);
      return;
    }
    const waiter = [...this.waiters].find(({ accepts }) => accepts(message));
    if (waiter === undefined) this.unread.push(message);
    else waiter.resolve(message);
  }

  /** Nothing is to be approved in these tests; a question left open would hang the turn. */
  private refuse({ id, method }: JsonObject): void {
    this.send({ id, error: { code: -32601, message: `${method} is not answered by this client` } });
  }

  private wait(what: string, accepts: (message: JsonObject) => boolean): Promise<JsonObject> {
    const index = this.unread.findIndex(accepts);
    const [found] = index < 0 ? [] : this.unread.splice(index, 1);
    if (found !== undefined) return Promise.resolve(found);
    if (this.hasExited) return Promise.reject(this.explain(`${what} cannot come, the app-server has exited`));
    return this.addWaiter(what, accepts);
  }

  private addWaiter(what: string, accepts: (message: JsonObject) => boolean): Promise<JsonObject> {
    let waiter: Waiter<JsonObject> | undefined;
    let timer: NodeJS.Timeout | undefined;
    const promise = new Promise<JsonObject>((resolve, reject) => {
      waiter = { what, accepts, resolve, reject };
      this.waiters.add(waiter);
      timer = setTimeout(() => reject(this.explain(`no ${what} after ${this.waitTimeoutMs} ms`)), this.waitTimeoutMs);
    });
    return promise.finally(() => {
      clearTimeout(timer);
      if (waiter !== undefined) this.waiters.delete(waiter);
    });
  }

  private watchExit(): Promise<string> {
    return new Promise((resolve) => {
      this.child.once("error", (error) => this.keepErrorLine(error.message));
      this.child.once("close", (code, signal) => {
        this.hasExited = true;
        for (const { what, reject } of this.waiters) reject(this.explain(`the app-server exited before ${what}`));
        resolve(signal === null ? `exit code ${code}` : `signal ${signal}`);
      });
    });
  }

  private keepErrorLine(line: string): void {
    this.stderr.push(line);
    if (this.stderr.length > STDERR_MAX_LINES) this.stderr.shift();
  }

  private explain(message: string): Error {
    return new Error([message, ...this.stderr].join("\n  "));
  }
}

function readResult({ result, error }: JsonObject): JsonObject {
  if (error !== undefined) throw new AppServerError(error.code, error.message);
  return result;
}

function parseMessage(line: string): JsonObject | undefined {
  try {
    return JSON.parse(line) as JsonObject;
  } catch {
    return undefined;
  }
}

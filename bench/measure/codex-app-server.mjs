import { spawn } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { peakMemoryMb } from "./peak-memory.mjs";
import { quantile } from "./quantile.mjs";

/**
 * The real Codex beside ours, when the environment variable CODEX_BIN names its binary: the native one, not the script that
 * npm installs, whose memory is not that of Codex. It works on copies of rollouts in a home of its own and is measured once,
 * because its first page of a long paginated thread takes half a minute.
 */

/** An answer that takes longer is not waited for: then Codex is left out. */
const ANSWER_TIMEOUT_MS = 240_000;
const TURNS = 20;
const ITEMS = 50;
/** Pages of legacy threads take seconds each. */
const PAGES_COUNTED = { paginated: 100, legacy: 2 };

/** The queries of later pages, by what they are called in a bench. Codex lists items of paginated threads only. */
const QUERIES = {
  summary: { method: "thread/turns/list", limit: TURNS, itemsView: "summary" },
  full: { method: "thread/turns/list", limit: TURNS, itemsView: "full" },
  items: { method: "thread/items/list", limit: ITEMS },
};

/**
 * First and later pages of never-indexed threads, by their modes: `{ firstMs, pagesMs: { summary, full, items }, memoryMb }`;
 * null without CODEX_BIN. A mode is absent when Codex gave no answer.
 */
export function measureCodexTurns(threads, { onProgress }) {
  return measureEach(threads, {
    onProgress,
    measure: (home, { mode, threadId }) =>
      withServer(home, async (server) => {
        const startedMs = performance.now();
        await readFirstPage(server, { mode, threadId });
        const firstMs = performance.now() - startedMs;
        const pagesMs = {};
        for (const [kind, query] of Object.entries(QUERIES)) {
          if (kind !== "items" || mode === "paginated") pagesMs[kind] = await pageMs(server, { mode, threadId, query });
        }
        return { firstMs, pagesMs, memoryMb: server.peakMemoryMb() };
      }),
  });
}

/**
 * Resuming threads in a new process, from its start to the answer that holds the first page of turns, by their modes:
 * `{ resumeMs, memoryMb }`. What Codex keeps of a thread is made before. Null and absent as above.
 */
export function measureCodexResume(threads, { onProgress }) {
  return measureEach(threads, {
    onProgress,
    measure: async (home, thread) => {
      await withServer(home, (server) => readFirstPage(server, thread));
      const spawnedMs = performance.now();
      return withServer(home, async (server) => {
        await resume(server, thread);
        return { resumeMs: performance.now() - spawnedMs, memoryMb: server.peakMemoryMb() };
      });
    },
  });
}

/** Searches of a copy of a home, by their terms: the medians of some calls, in milliseconds. Null without CODEX_BIN. */
export async function measureCodexSearches(path, { terms, onProgress }) {
  if (!process.env.CODEX_BIN) return null;
  onProgress("Codex, searches");
  const home = CodexHome.ofSessions(join(path, "sessions"));
  try {
    return await withServer(home, async (server) => {
      const figures = {};
      for (const searchTerm of terms) figures[searchTerm] = await searchMs(server, { searchTerm, limit: 25 });
      return figures;
    });
  } catch (error) {
    onProgress(`Codex is left out: ${error.message}`);
    return null;
  } finally {
    home.remove();
  }
}

async function searchMs(server, query) {
  const times = [];
  for (let call = 0; call <= SEARCHES_COUNTED; call++) {
    const startedMs = performance.now();
    await server.request("thread/search", query);
    times.push(performance.now() - startedMs);
  }
  return quantile(times.slice(1), 0.5);
}

const SEARCHES_COUNTED = 5;

async function measureEach(threads, { onProgress, measure }) {
  if (!process.env.CODEX_BIN) return null;
  const figures = {};
  for (const thread of threads) {
    onProgress(`Codex, ${thread.mode} thread`);
    const home = CodexHome.ofRollout(thread.file);
    try {
      figures[thread.mode] = await measure(home, thread);
    } catch (error) {
      // The figures of ours, which took minutes, are not to be lost because Codex gave up.
      onProgress(`Codex is left out for the ${thread.mode} thread: ${error.message}`);
    } finally {
      home.remove();
    }
  }
  return figures;
}

/** Runs work with a server over a home, which is killed after it. */
async function withServer(home, work) {
  const server = new CodexAppServer(home);
  try {
    await server.shakeHands();
    return await work(server);
  } finally {
    await server.kill();
  }
}

const FIRST_PAGE = { limit: TURNS, sortDirection: "desc", itemsView: "summary" };

/** Codex lists no turns of a paginated thread, and says nothing of it, until a resume has put them into its database. */
async function readFirstPage(server, { mode, threadId }) {
  if (mode === "paginated") await resume(server, { threadId });
  else requireTurns(await server.request("thread/turns/list", { threadId, ...FIRST_PAGE }));
}

async function resume(server, { threadId }) {
  const params = { threadId, excludeTurns: true, initialTurnsPage: FIRST_PAGE };
  const { initialTurnsPage } = await server.request("thread/resume", params);
  requireTurns(initialTurnsPage);
}

function requireTurns({ data }) {
  if (data.length !== TURNS) throw new Error(`Codex answered ${data.length} turns, ${TURNS} were asked for`);
}

/** The median time of consecutive pages, each asked for with the cursor of the one before. */
async function pageMs(server, { mode, threadId, query: { method, ...page } }) {
  const query = { threadId, sortDirection: "desc", ...page };
  const times = [];
  let { nextCursor: cursor } = await server.request(method, query);
  while (cursor && times.length < PAGES_COUNTED[mode]) {
    const startedMs = performance.now();
    ({ nextCursor: cursor } = await server.request(method, { ...query, cursor }));
    times.push(performance.now() - startedMs);
  }
  return quantile(times, 0.5);
}

/** A CODEX_HOME with copies of rollouts, with nothing of the user's around it. */
class CodexHome {
  path = mkdtempSync(join(process.env.THREADSTORE_BENCH_FOLDER ?? tmpdir(), "threadstore-codex-"));

  static ofRollout(rollout) {
    const home = new CodexHome();
    // The folders of a rollout in a home are its date: sessions/2026/10/31.
    const date = dirname(rollout).split("/").slice(-3).join("/");
    const folder = join(home.path, "sessions", date);
    mkdirSync(folder, { recursive: true });
    copyFileSync(rollout, join(folder, basename(rollout)));
    return home;
  }

  static ofSessions(sessions) {
    const home = new CodexHome();
    cpSync(sessions, join(home.path, "sessions"), { recursive: true });
    return home;
  }

  constructor() {
    writeFileSync(join(this.path, "instructions.md"), "You are a demo agent.");
    writeFileSync(join(this.path, "config.toml"), CONFIG);
  }

  /** Nothing listens on port 9 of the loopback interface: Codex reaches nobody. */
  get environment() {
    const proxy = "http://127.0.0.1:9";
    const proxies = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, ALL_PROXY: proxy };
    return { CODEX_HOME: this.path, HOME: this.path, PATH: "/usr/local/bin:/usr/bin:/bin", TZ: "Etc/UTC", ...proxies };
  }

  remove() {
    rmSync(this.path, { recursive: true, force: true, maxRetries: 5 });
  }
}

const CONFIG = `model = "fake-model"
model_provider = "fake"
model_instructions_file = "instructions.md"
approval_policy = "never"
sandbox_mode = "danger-full-access"
check_for_update_on_startup = false
[model_providers.fake]
name = "fake"
base_url = "http://127.0.0.1:9/v1"
wire_api = "responses"
[analytics]
enabled = false
[features]
apps = false
plugins = false
shell_snapshot = false
`;

/** A running `codex app-server` that is spoken to over its standard input and output, one JSON-RPC message a line. */
class CodexAppServer {
  #child;
  #ended;
  #waiting = new Map();
  #lastId = 0;

  constructor(home) {
    // A process group of its own, so that the end takes the helpers of Codex along.
    const options = { env: home.environment, cwd: home.path, detached: true, stdio: ["pipe", "pipe", "ignore"] };
    this.#child = spawn(process.env.CODEX_BIN, ["app-server"], options);
    this.#child.stdin.on("error", () => {});
    this.#ended = new Promise((resolve) => {
      const end = (how) => {
        for (const { reject } of this.#waiting.values()) reject(new Error(`codex app-server ended: ${how}`));
        resolve();
      };
      this.#child.once("error", (error) => end(error.message));
      this.#child.once("close", (code, signal) => end(signal ?? `code ${code}`));
    });
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#receive(JSON.parse(line)));
  }

  async shakeHands() {
    await this.request("initialize", {
      clientInfo: { name: "threadstore_bench", title: null, version: "0.0.0" },
      capabilities: { experimentalApi: true, requestAttestation: false },
    });
    this.#send({ method: "initialized" });
  }

  /** @throws Error when Codex answers with an error, ends, or takes too long. */
  async request(method, params) {
    const id = ++this.#lastId;
    let timer;
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        const giveUp = () => reject(new Error(`no answer to ${method} after ${ANSWER_TIMEOUT_MS} ms`));
        timer = setTimeout(giveUp, ANSWER_TIMEOUT_MS);
        this.#send({ id, method, params });
      });
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  peakMemoryMb() {
    return peakMemoryMb(this.#child.pid);
  }

  async kill() {
    if (this.#child.pid !== undefined && this.#child.exitCode === null) process.kill(-this.#child.pid, "SIGKILL");
    await this.#ended;
  }

  #send(message) {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  #receive({ id, result, error }) {
    const waiting = this.#waiting.get(id);
    if (error) waiting?.reject(new Error(error.message));
    else waiting?.resolve(result);
  }
}

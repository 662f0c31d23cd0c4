import { resolve } from "node:path";
import { type HistoryMode, type StoredThread, type ThreadStore, ThreadStoreError } from "@threadstore/core";
import { type AgentThread, ThreadManager } from "@threadstore/runtime";
import { type Command, Option } from "commander";
import { findThread } from "../find-thread.js";
import { collectGitInfo } from "../git/collect-git-info.js";
import { packageVersion } from "../package-version.js";
import { type AgentKind, DEFAULT_MODELS, openAgent } from "./open-agent.js";

/** What `run` and `chat` have in common. */
export interface AgentOptions {
  readonly agent: AgentKind;
  readonly model?: string;
  readonly effort?: string;
  readonly provider: string;
  readonly resume?: string;
  readonly last?: true;
  readonly history: HistoryMode;
  readonly cwd?: string;
  readonly instructions?: string;
  readonly ephemeral?: true;
  readonly tools: boolean;
  readonly git: boolean;
}

export function addAgentOptions(command: Command): Command {
  return command
    .addOption(new Option("--agent <kind>", "what answers").choices(["responses", "echo"]).default("responses"))
    .option("--model <name>", "the model (default: that of the thread, else $OPENAI_MODEL, else gpt-5)")
    .option("--effort <level>", "how much the model thinks")
    .option("--provider <name>", "model provider, as Codex's config.toml names it", "openai")
    .addOption(new Option("--resume <thread>", "go on with this thread: its id, the beginning of it, or its name"))
    .addOption(new Option("--last", "go on with the thread of this folder that changed last").conflicts("resume"))
    .addOption(new Option("--history <mode>", "of a new thread").choices(["paginated", "legacy"]).default("paginated"))
    .option("--cwd <dir>", "the folder a new thread works in (default: this one)")
    .option("--instructions <text>", "what the model of a new thread is told first")
    .option("--ephemeral", "keep a new thread in memory only")
    .option("--no-tools", "do not let the model look at other threads of the home")
    .option("--no-git", "do not record what the folder's git repository is at");
}

/** The running threads of a command, and the one that it is about. The caller shuts them down. */
export interface AgentSession {
  readonly manager: ThreadManager;
  readonly thread: AgentThread;
}

/** Starts the thread that a command is about, or goes on with it. */
export async function openSession(store: ThreadStore, options: AgentOptions): Promise<AgentSession> {
  const cwd = resolve(options.cwd ?? process.cwd());
  const stored = await storedThread(store, { ...options, cwd });
  const model = options.model ?? stored?.model ?? process.env.OPENAI_MODEL ?? DEFAULT_MODELS[options.agent];
  const manager = new ThreadManager({
    store,
    agent: await openAgent(options.agent, options.tools ? store : null),
    settings: { cwd, model, modelProvider: options.provider },
    originator: "threadstore",
    version: packageVersion(),
    source: "cli",
  });
  const settings = {
    ...(options.model === undefined ? {} : { model }),
    ...(options.effort === undefined ? {} : { reasoningEffort: options.effort }),
  };
  if (stored) {
    const { threadId } = stored;
    return { manager, thread: await manager.resumeThread({ threadId, settings, includeArchived: true }) };
  }
  const gitInfo = options.git && !options.ephemeral ? await collectGitInfo(cwd) : undefined;
  const thread = await manager.startThread({
    settings,
    historyMode: options.history,
    isEphemeral: options.ephemeral ?? false,
    ...(options.instructions === undefined ? {} : { instructions: options.instructions }),
    ...(gitInfo ? { gitInfo } : {}),
  });
  return { manager, thread };
}

async function storedThread(
  store: ThreadStore,
  { resume, last, cwd }: AgentOptions & { readonly cwd: string },
): Promise<StoredThread | undefined> {
  if (resume !== undefined) return findThread(store, resume);
  if (!last) return undefined;
  const page = await store.listThreads({ cwds: [cwd], modelProviders: [], sortKey: "updatedAt", pageSize: 1 });
  const [thread] = page.data;
  if (thread) return thread;
  throw new ThreadStoreError("thread_not_found", `no thread works in ${cwd}`);
}

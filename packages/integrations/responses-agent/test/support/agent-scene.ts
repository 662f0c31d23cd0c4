import { type IdSource, openMemoryThreadStore, type ThreadStore } from "@threadstore/core";
import { type RuntimeLimits, type StartThreadParams, ThreadManager, type TurnSettings } from "@threadstore/runtime";
import OpenAI from "openai";
import {
  type FakeResponsesServer,
  startFakeResponsesServer,
} from "../../../../../test/support/fake-responses-server.js";
import { type ResponsesAgentOptions, responsesAgent } from "../../src/index.js";

/** What must never be found in a thread. */
export const KEY = "sk-test-a-key-that-nobody-may-record";

const SETTINGS = { cwd: "/project", model: "fake-model", modelProvider: "fake" } as const;

/** An agent under a manager of threads, and the provider that it asks. */
export interface AgentScene extends AsyncDisposable {
  readonly provider: FakeResponsesServer;
  readonly store: ThreadStore;
  readonly manager: ThreadManager;
}

export interface AgentSceneOptions extends Omit<ResponsesAgentOptions, "client"> {
  /** Default: one in memory. */
  readonly store?: ThreadStore;
  readonly settings?: Partial<TurnSettings>;
  readonly limits?: Partial<RuntimeLimits>;
}

export async function openAgentScene(options: AgentSceneOptions = {}): Promise<AgentScene> {
  const { store = openMemoryThreadStore(), settings, limits, ...agentOptions } = options;
  const provider = await startFakeResponsesServer();
  const client = new OpenAI({ baseURL: provider.url, apiKey: KEY });
  const manager = new ThreadManager({
    store,
    agent: responsesAgent({ client, retryDelayMs: 0, ...agentOptions }),
    settings: { ...SETTINGS, ...settings },
    originator: "test",
    version: "0",
    ids: countingIds(),
    ...(limits ? { limits } : {}),
  });
  return {
    provider,
    store,
    manager,
    [Symbol.asyncDispose]: async () => {
      await manager.shutdownAll();
      await provider.close();
      await store[Symbol.asyncDispose]();
    },
  };
}

export type HistoryMode = NonNullable<StartThreadParams["historyMode"]>;

export const HISTORY_MODES: readonly HistoryMode[] = ["paginated", "legacy"];

/** Ids that are UUIDs, in order. */
function countingIds(): IdSource {
  let count = 0;
  return {
    newId: () => {
      count += 1;
      return `01900000-0000-7000-8000-${count.toString(16).padStart(12, "0")}`;
    },
  };
}

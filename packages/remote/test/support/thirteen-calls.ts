import type { ThreadStore as CodexService } from "../../src/gen/codex/thread_store/v1/thread_store_pb.js";
import type { CodexClient } from "./codex-client.js";
import { userMessage } from "./served-threads.js";

const WRITER = { id: "writer" };
const METADATA = { cwd: "/project", originator: "test", cliVersion: "1", source: "cli", modelProvider: "fake" };

/** The calls of a client by their names. */
export type NamedCalls = Readonly<Record<keyof (typeof CodexService)["method"] & string, () => Promise<unknown>>>;

/** The twelve calls that name a thread, and a list, as the real Codex makes them. */
export function codexCallsFor(client: CodexClient, id: string): NamedCalls {
  return {
    resumeThread: () => client.resumeThread({ threadId: id, includeArchived: true }),
    appendItems: () => client.appendItems({ threadId: id, itemsJson: [userMessage("Mine")] }),
    persistThread: () => client.persistThread({ threadId: id }),
    flushThread: () => client.flushThread({ threadId: id }),
    shutdownThread: () => client.shutdownThread({ threadId: id }),
    discardThread: () => client.discardThread({ threadId: id }),
    loadHistory: () => client.loadHistory({ threadId: id, includeArchived: true }),
    readThread: () => client.readThread({ threadId: id, includeArchived: true, includeHistory: true }),
    listThreads: () => client.listThreads({ pageSize: 25 }),
    updateThreadMetadata: () => client.updateThreadMetadata({ threadId: id, patch: { name: "Mine" } }),
    archiveThread: () => client.archiveThread({ threadId: id }),
    unarchiveThread: () => client.unarchiveThread({ threadId: id }),
    createThread: () => client.createThread({ threadId: id }),
  };
}

/** The same as clients make them that know the contract; all say the same `contract_json`, when one is given. */
export function contractCallsFor(client: CodexClient, id: string, contractJson?: string): NamedCalls {
  const about = (params: object = {}) => ({
    threadId: id,
    contractJson: contractJson ?? JSON.stringify({ writer: WRITER, params }),
  });
  return {
    resumeThread: () => client.resumeThread(about({ includeArchived: true, takeOver: true })),
    appendItems: () => client.appendItems({ ...about({ idempotencyKey: "one" }), itemsJson: [userMessage("Mine")] }),
    persistThread: () => client.persistThread(about()),
    flushThread: () => client.flushThread(about()),
    shutdownThread: () => client.shutdownThread(about()),
    discardThread: () => client.discardThread(about()),
    loadHistory: () => client.loadHistory({ ...about(), includeArchived: true }),
    readThread: () => client.readThread({ ...about(), includeArchived: true }),
    listThreads: () => client.listThreads(about({ sources: "all" })),
    updateThreadMetadata: () => client.updateThreadMetadata(about({ patch: { name: "Mine" }, includeArchived: true })),
    archiveThread: () => client.archiveThread(about()),
    unarchiveThread: () => client.unarchiveThread(about()),
    createThread: () => client.createThread(about({ metadata: METADATA, historyMode: "legacy" })),
  };
}

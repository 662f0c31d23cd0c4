import type {
  AppendItemsParams,
  CreateThreadParams,
  HistoryMode,
  ListThreadsParams,
  ResumeThreadParams,
  ThreadStore,
  UpdateThreadMetadataParams,
} from "@threadstore/core";
import type { ThreadStore as CodexService, ResumeThreadRequest } from "../gen/codex/thread_store/v1/thread_store_pb.js";
import type { UnaryHandlers } from "../grpc/unary-handlers.js";
import { type ContractRequest, readContract } from "./contract-json.js";
import { createParams, persistenceMode } from "./create-params.js";
import { historyForCodex, historyPiece } from "./history-items.js";
import { listForCodex, listWhole } from "./list-threads.js";
import { readPatch } from "./metadata-patch.js";
import type { OpenThreads } from "./open-threads.js";
import { threadMessage, wholeThreadMessage } from "./thread-message.js";

/** What is known of a call. */
export interface CodexCall {
  /** The store of the tenant who calls. */
  readonly store: ThreadStore;
  readonly open: OpenThreads;
  /** Makes a signal that is aborted when the client is gone. */
  readonly cancellation: () => AbortSignal;
}

type Methods = (typeof CodexService)["method"];

/** The thirteen calls of the real Codex, and of clients that know the contract, over any store. @see docs/remote.md */
export const codexHandlers: UnaryHandlers<Methods, CodexCall> = {
  createThread: async (request, { store, open }) => {
    const told = readContract(request);
    const params = told ? paramsOf<CreateThreadParams>(told, request) : createParams(request);
    await open.create(params, told?.writer);
    return told ? answer({ historyMode: await newHistoryMode(store, params) }) : {};
  },

  resumeThread: async (request, { store, open }) => {
    const { threadId } = request;
    const told = readContract(request);
    await open.resume(told ? resumeParams(told, request) : resumeForCodex(request), told?.writer);
    if (!told) return {};
    const { historyMode } = await store.readThread({ threadId, includeArchived: true });
    return answer({ historyMode });
  },

  appendItems: async (request, { store, open }) => {
    const { threadId } = request;
    const told = readContract(request);
    const items = request.itemsJson.map((json) => ({ json }));
    const append = told ? { ...paramsOf<AppendItemsParams>(told, request), items } : { threadId, items };
    const result = await open.use({ threadId, writer: told?.writer }, () => store.appendItems(append));
    return told ? answer(result) : {};
  },

  persistThread: async (request, { store, open }) => {
    const { threadId } = request;
    const told = readContract(request);
    await open.use({ threadId, writer: told?.writer }, () => store.persistThread(threadId));
    return told ? answer({}) : {};
  },

  flushThread: async (request, { store, open }) => {
    const { threadId } = request;
    const told = readContract(request);
    const result = await open.use({ threadId, writer: told?.writer }, () => store.flushThread(threadId));
    return told ? answer(result) : {};
  },

  shutdownThread: async (request, { open }) => {
    const told = readContract(request);
    await open.shutdown(request.threadId, told?.writer);
    return told ? answer({}) : {};
  },

  discardThread: async (request, { open }) => {
    const told = readContract(request);
    await open.discard(request.threadId, told?.writer);
    return told ? answer({}) : {};
  },

  loadHistory: async (request, { store, cancellation }) => {
    const { threadId, includeArchived } = request;
    const thread = { threadId, includeArchived, signal: cancellation() };
    const told = readContract(request);
    if (!told) return { threadId, itemsJson: await historyForCodex(store, thread) };
    const { lines, piece } = await historyPiece(store, { ...told.params, ...thread });
    return { threadId, itemsJson: lines, ...answer(piece) };
  },

  readThread: async (request, { store, cancellation }) => {
    const { threadId, includeArchived, includeHistory } = request;
    const told = readContract(request);
    const thread = await store.readThread({ threadId, includeArchived });
    if (told) return { thread: wholeThreadMessage(thread) };
    const itemsJson = includeHistory
      ? await historyForCodex(store, { threadId, includeArchived, signal: cancellation() })
      : undefined;
    return { thread: threadMessage(thread, itemsJson) };
  },

  listThreads: (request, { store }) => {
    const told = readContract(request);
    return told ? listWhole(store, told.params as ListThreadsParams) : listForCodex(store, request);
  },

  updateThreadMetadata: async (request, { store, open }) => {
    const { threadId, patch, includeArchived } = request;
    const told = readContract(request);
    const update = told
      ? paramsOf<UpdateThreadMetadataParams>(told, request)
      : { threadId, patch: readPatch(patch), includeArchived };
    const thread = await open.whileThere(threadId, () => store.updateThreadMetadata(update));
    return { thread: told ? wholeThreadMessage(thread) : threadMessage(thread) };
  },

  archiveThread: async (request, { store, open }) => {
    const { threadId } = request;
    const told = readContract(request);
    await open.whileClosed(threadId, () => store.archiveThread({ threadId }));
    return told ? answer({}) : {};
  },

  unarchiveThread: async (request, { store, open }) => {
    const { threadId } = request;
    const told = readContract(request);
    const thread = await open.whileClosed(threadId, () => store.unarchiveThread({ threadId }));
    return { thread: told ? wholeThreadMessage(thread) : threadMessage(thread) };
  },
};

function answer(result: object): { readonly contractJson: string } {
  return { contractJson: JSON.stringify(result) };
}

/** Arguments as a client says them, of the thread it names. The store checks them. */
function paramsOf<P extends object>({ params }: ContractRequest, { threadId }: { readonly threadId: string }): P {
  return { ...params, threadId } as unknown as P;
}

/** Files of the server are not for its clients to name. */
function resumeParams(told: ContractRequest, request: ResumeThreadRequest): ResumeThreadParams {
  const { rolloutPath: _path, ...params } = paramsOf<ResumeThreadParams>(told, request);
  return params;
}

/** The history that the real Codex sends along is only what it was given. */
function resumeForCodex({ threadId, includeArchived, eventPersistenceMode }: ResumeThreadRequest): ResumeThreadParams {
  return { threadId, includeArchived, eventPersistenceMode: persistenceMode(eventPersistenceMode) };
}

/** The mode of a new thread. A fork has that of its source, and is stored from the start. */
async function newHistoryMode(
  store: ThreadStore,
  { threadId, historyMode, fork }: CreateThreadParams,
): Promise<HistoryMode> {
  if (historyMode !== undefined || !fork) return historyMode ?? "paginated";
  return (await store.readThread({ threadId })).historyMode;
}

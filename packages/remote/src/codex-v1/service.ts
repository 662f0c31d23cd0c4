import type { Metadata } from "@grpc/grpc-js";
import type { ThreadStore } from "@threadstore/core";
import type { ThreadStore as CodexService } from "../gen/codex/thread_store/v1/thread_store_pb.js";
import type { UnaryHandlers } from "../grpc/unary-handlers.js";
import { createParams, persistenceMode } from "./create-params.js";
import { readAppendExtension, writeAppendResult } from "./extensions.js";
import { historyItems } from "./history-items.js";
import { listThreads } from "./list-threads.js";
import { readPatch } from "./metadata-patch.js";
import type { OpenThreads } from "./open-threads.js";
import { threadMessage } from "./thread-message.js";

/** What is known of a call. */
export interface CodexCall {
  /** The store of the tenant who calls. */
  readonly store: ThreadStore;
  readonly open: OpenThreads;
  /** Whether items are sent as they are stored, instead of as the real Codex can read them. */
  readonly isWhole: boolean;
  /** What the client says beside the call, and what it is told beside the answer. */
  readonly metadata: Metadata;
  readonly header: Metadata;
}

type Methods = (typeof CodexService)["method"];

/** The thirteen calls of the real Codex, over any store. @see docs/remote.md */
export const codexHandlers: UnaryHandlers<Methods, CodexCall> = {
  createThread: async (request, { open }) => {
    await open.create(createParams(request));
    return {};
  },

  // The history that the client sends along is only what it was given.
  resumeThread: async ({ threadId, includeArchived, eventPersistenceMode }, { open }) => {
    await open.resume({ threadId, includeArchived, eventPersistenceMode: persistenceMode(eventPersistenceMode) });
    return {};
  },

  appendItems: async ({ threadId, itemsJson }, { store, open, metadata, header }) => {
    const append = { threadId, items: itemsJson.map((json) => ({ json })), ...readAppendExtension(metadata) };
    writeAppendResult(header, await open.use(threadId, () => store.appendItems(append)));
    return {};
  },

  persistThread: async ({ threadId }, { store, open }) => {
    await open.use(threadId, () => store.persistThread(threadId));
    return {};
  },

  flushThread: async ({ threadId }, { store, open }) => {
    await open.use(threadId, () => store.flushThread(threadId));
    return {};
  },

  shutdownThread: async ({ threadId }, { open }) => {
    await open.shutdown(threadId);
    return {};
  },

  discardThread: async ({ threadId }, { open }) => {
    await open.discard(threadId);
    return {};
  },

  loadHistory: async ({ threadId, includeArchived }, { store, isWhole }) => {
    return { threadId, itemsJson: await historyItems(store, { threadId, includeArchived, isWhole }) };
  },

  readThread: async ({ threadId, includeArchived, includeHistory }, { store, isWhole }) => {
    const thread = await store.readThread({ threadId, includeArchived });
    if (!includeHistory) return { thread: threadMessage(thread) };
    const itemsJson = await historyItems(store, { threadId, includeArchived, isWhole });
    return { thread: threadMessage(thread, itemsJson) };
  },

  listThreads: (request, { store }) => listThreads(store, request),

  updateThreadMetadata: async ({ threadId, patch, includeArchived }, { store, open }) => {
    const update = { threadId, patch: readPatch(patch), includeArchived };
    const thread = await open.whileThere(threadId, () => store.updateThreadMetadata(update));
    return { thread: threadMessage(thread) };
  },

  archiveThread: async ({ threadId }, { store, open }) => {
    await open.whileClosed(threadId, () => store.archiveThread({ threadId }));
    return {};
  },

  unarchiveThread: async ({ threadId }, { store, open }) => {
    const thread = await open.whileClosed(threadId, () => store.unarchiveThread({ threadId }));
    return { thread: threadMessage(thread) };
  },
};

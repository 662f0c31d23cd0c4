import { isThreadStoreError, newThreadId, type ThreadStore } from "@threadstore/core";
import type { UIMessage } from "ai";
import type { ChatOptions } from "./chat-options.js";
import { loadMessages } from "./load-messages.js";
import { saveMessages } from "./save-messages.js";

/** The functions that the AI SDK's guide to persistence has its users write. */
export interface ChatStore<M extends UIMessage = UIMessage> {
  /** The id of a new chat. Its thread is there once a message is saved. */
  createChat(): string;
  /** The messages of a chat; none before any was saved. */
  loadChat(chatId: string): Promise<M[]>;
  saveChat(chat: { readonly chatId: string; readonly messages: readonly M[] }): Promise<void>;
}

/** Chats as threads of a store; a chat's id is its thread's. @see docs/ai-sdk.md */
export function createChatStore<M extends UIMessage = UIMessage>(
  store: ThreadStore,
  options: ChatOptions = {},
): ChatStore<M> {
  return {
    createChat: () => newThreadId(),
    loadChat: async (threadId) => {
      try {
        return await loadMessages<M>(store, { threadId });
      } catch (error) {
        if (isThreadStoreError(error, "thread_not_found")) return [];
        throw error;
      }
    },
    saveChat: ({ chatId, messages }) => saveMessages(store, { ...options, threadId: chatId, messages }),
  };
}

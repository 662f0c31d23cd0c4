export type { ChatOptions } from "./chat-options.js";
export { type ChatStore, createChatStore } from "./chat-store.js";
export { type LoadMessagesParams, loadMessages } from "./load-messages.js";
export { type SaveMessagesParams, saveMessages } from "./save-messages.js";

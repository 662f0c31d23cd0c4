import { type ThreadStore, textField } from "@threadstore/core";
import type { FunctionTool } from "@threadstore/responses-agent";
import { findThread } from "../find-thread.js";
import { visibleMessages } from "../visible-messages.js";

const THREADS_MAX = 20;
const PREVIEW_MAX_CHARACTERS = 200;
const MESSAGES_MAX_CHARACTERS = 30_000;

/** Tools with which a model looks at what was said in other threads. They read only. */
export function threadTools(store: ThreadStore): FunctionTool[] {
  return [listTool(store), readTool(store)];
}

function listTool(store: ThreadStore): FunctionTool {
  return {
    name: "list_threads",
    description:
      "Lists earlier conversations of this user, the newest first, with their ids. A search narrows them to those whose name or first message has a text.",
    parameters: {
      type: "object",
      properties: { search: { type: "string", description: "A text that is in the name or the first message." } },
      additionalProperties: false,
    },
    run: async (args, { signal }) => {
      const searchTerm = textField(args, "search");
      const query = { sortKey: "updatedAt", modelProviders: [], pageSize: THREADS_MAX } as const;
      const page = await store.listThreads({ ...query, ...(searchTerm ? { searchTerm } : {}) }, { signal });
      return page.data.map(({ threadId, name, preview, cwd, updatedAt }) => {
        return { id: threadId, title: (name ?? preview).slice(0, PREVIEW_MAX_CHARACTERS), cwd, updatedAt };
      });
    },
  };
}

function readTool(store: ThreadStore): FunctionTool {
  return {
    name: "read_thread",
    description: "Reads what was said in an earlier conversation: its last messages, the oldest of them first.",
    parameters: {
      type: "object",
      properties: { thread: { type: "string", description: "The id of the conversation, or its name." } },
      required: ["thread"],
      additionalProperties: false,
    },
    run: async (args) => {
      const { threadId } = await findThread(store, textField(args, "thread") ?? "");
      return lastMessages(store, threadId);
    },
  };
}

async function lastMessages(store: ThreadStore, threadId: string): Promise<string> {
  const lines: string[] = [];
  let characters = 0;
  for await (const { items } of store.readHistory({ threadId, includeArchived: true, direction: "desc" })) {
    for (const { speaker, text } of visibleMessages(items)) {
      lines.push(`${speaker}: ${text}`);
      characters += text.length;
      if (characters > MESSAGES_MAX_CHARACTERS) return `[earlier messages are left out]\n${lines.reverse().join("\n")}`;
    }
  }
  return lines.reverse().join("\n");
}

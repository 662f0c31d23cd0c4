import { asJsonObject, parseThreadId, type ThreadId, textField } from "@threadstore/core";
import type { FileSystem } from "../file-system/file-system.js";
import { textOfLine } from "../rollout/line-item.js";
import { readLines } from "../rollout/line-reader.js";

/** The name index that Codex and threadstore both append to. */
export const SESSION_INDEX = "session_index.jsonl";

/** The newest recorded name of each thread; empty when it was taken away. Unreadable lines are passed over. */
export function readSessionIndex(files: FileSystem, home: string): ReadonlyMap<ThreadId, string> {
  return readNames(files, `${home}/${SESSION_INDEX}`);
}

/** The same from a name index that lies elsewhere. */
export function readNames(files: FileSystem, path: string): ReadonlyMap<ThreadId, string> {
  const names = new Map<ThreadId, string>();
  const file = files.openToRead(path);
  if (!file) return names;
  try {
    readLines(file, { start: 0, end: file.status().size }, (line) => {
      const text = textOfLine(line);
      const entry = text === null ? null : parseNameEntry(text);
      if (entry) names.set(entry.threadId, entry.name);
      return true;
    });
  } finally {
    file.close();
  }
  return names;
}

/** The thread and the name that one line of the index tells; null when it tells none. */
export function parseNameEntry(text: string): { readonly threadId: ThreadId; readonly name: string } | null {
  try {
    const entry = asJsonObject(JSON.parse(text)) ?? {};
    const threadId = parseThreadId(textField(entry, "id") ?? "");
    const name = textField(entry, "thread_name");
    return threadId !== null && name !== undefined ? { threadId, name } : null;
  } catch {
    return null;
  }
}

import type { ThreadId } from "@threadstore/core";
import type { UnsyncedBytes } from "./unsynced-tail.js";

/** The files of a live thread, as far as a flush has to make them safe. */
export interface Flushable {
  readonly threadId: ThreadId;
  /** What is not safe; null when only `sync` will do. @throws `unavailable` they are gone. */
  unsynced(): readonly UnsyncedBytes[] | null;
  /** Resolves when everything that was written before survives a power cut. */
  sync(): Promise<void>;
}

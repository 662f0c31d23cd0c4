import type { Clock, HistoryMode, IdSource, ThreadId, ThreadPersistenceMetadata, ThreadStore } from "@threadstore/core";

/** A session and where it is kept. */
export interface ThreadStoreSessionOptions {
  readonly store: ThreadStore;
  /** The thread of the session, which is made by the first items that are added. Default: a new one. */
  readonly threadId?: ThreadId;
  /** Of a new thread. Default `paginated`: only those can be reverted, which `popItem` and `clearSession` need. */
  readonly historyMode?: HistoryMode;
  /** The model that turns are recorded with; a session is not told which one runs. Default `unknown`. */
  readonly model?: string;
  /**
   * What a new thread is born with. Default: `cwd` is the folder of this process, `originator` `openai-agents`, `source` `cli`
   * (lists without filters show it), `modelProvider` `openai`, `cliVersion` that of this package.
   */
  readonly metadata?: Partial<ThreadPersistenceMetadata>;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Where ids of turns and of what people see come from. Default: the system's. */
  readonly ids?: IdSource;
}

/** What a new thread is born with. */
export function birthMetadata({ metadata = {}, model }: ThreadStoreSessionOptions): ThreadPersistenceMetadata {
  return {
    originator: "openai-agents",
    cliVersion: "0.1.0",
    source: "cli",
    modelProvider: "openai",
    ...(model === undefined ? {} : { model }),
    cwd: process.cwd(),
    ...metadata,
  };
}

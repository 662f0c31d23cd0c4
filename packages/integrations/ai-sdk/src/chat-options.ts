import type { Clock, HistoryMode, IdSource, ThreadPersistenceMetadata } from "@threadstore/core";

/** How chats are recorded. */
export interface ChatOptions {
  /** Of a new thread. Default `paginated`: only those can be reverted, which a message that changed needs. */
  readonly historyMode?: HistoryMode;
  /** The model that turns are recorded with; messages do not tell which one answered. Default `unknown`. */
  readonly model?: string;
  /**
   * What a new thread is born with. Default: `cwd` is the folder of this process, `originator` `ai-sdk`, `source` `cli` (lists
   * without filters show it), `modelProvider` `ai-sdk`, `cliVersion` that of this package.
   */
  readonly metadata?: Partial<ThreadPersistenceMetadata>;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Where ids of turns come from. Default: the system's. */
  readonly ids?: IdSource;
}

/** What a new thread is born with. */
export function birthMetadata({ metadata = {}, model }: ChatOptions): ThreadPersistenceMetadata {
  return {
    originator: "ai-sdk",
    cliVersion: "0.1.0",
    source: "cli",
    modelProvider: "ai-sdk",
    ...(model === undefined ? {} : { model }),
    cwd: process.cwd(),
    ...metadata,
  };
}

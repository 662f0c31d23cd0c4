import type { JsonObject } from "./json-value.js";

/**
 * The payload of `session_meta`, the first line of a rollout, with the field names of the wire.
 * All fields are optional because real files lack some of them; docs/rollout-format.md says what a reader does then.
 */
export interface SessionMeta {
  readonly session_id?: string;
  readonly id?: string;
  readonly forked_from_id?: string;
  readonly forked_from_ordinal_exclusive?: number;
  readonly parent_thread_id?: string;
  readonly timestamp?: string;
  readonly cwd?: string;
  readonly originator?: string;
  readonly cli_version?: string;
  readonly source?: unknown;
  readonly thread_source?: string;
  readonly agent_nickname?: string;
  readonly agent_role?: string;
  readonly agent_path?: string;
  readonly model_provider?: string;
  readonly base_instructions?: JsonObject | null;
  readonly dynamic_tools?: readonly unknown[];
  readonly memory_mode?: string;
  readonly history_mode?: string;
  readonly history_base?: HistoryBase;
  readonly attached_thread?: boolean;
  readonly git?: { readonly commit_hash?: string; readonly branch?: string; readonly repository_url?: string };
  readonly [field: string]: unknown;
}

/** Where the inherited prefix of a fork or a reverted thread lies: the items of that rollout before the ordinal. */
export interface HistoryBase {
  /** The rollout that holds the prefix: a thread id, or the id of a segment of a reverted thread. */
  readonly thread_id: string;
  readonly end_ordinal_exclusive: number;
  readonly end_byte_offset?: number;
}

import type { MessageInitShape } from "@bufbuild/protobuf";
import { type GitInfo, type Instant, instantToMs, type StoredThread } from "@threadstore/core";
import type { StoredThreadSchema } from "../gen/codex/thread_store/v1/thread_store_pb.js";
import { sourceMessage } from "./session-source.js";

export type ThreadMessage = MessageInitShape<typeof StoredThreadSchema>;

/** What the real Codex knows; another word would spoil its whole list. */
const REASONING_EFFORTS: ReadonlySet<string> = new Set(["none", "minimal", "low", "medium", "high", "xhigh"]);
const THREAD_SOURCES: ReadonlySet<string> = new Set(["user", "subagent", "memory_consolidation"]);
const APPROVAL_MODES: ReadonlySet<unknown> = new Set(["untrusted", "on-failure", "on-request", "never"]);
const SANDBOX_POLICIES: ReadonlySet<unknown> = new Set([
  "danger-full-access",
  "read-only",
  "workspace-write",
  "external-sandbox",
]);

/** A thread as the real Codex 0.129.0 can read it: what it would refuse is left out. With its items, when they are given. */
export function threadMessage(thread: StoredThread, itemsJson?: string[]): ThreadMessage {
  const { threadId, preview, modelProvider, cwd, cliVersion, gitInfo } = thread;
  return {
    threadId,
    preview,
    modelProvider,
    cwd,
    cliVersion,
    createdAt: secondsOf(thread.createdAt),
    updatedAt: secondsOf(thread.updatedAt),
    source: sourceMessage(thread.source),
    // The client drops threads that have none; it never looks there.
    rolloutPath: `threadstore/${threadId}`,
    ...(itemsJson === undefined ? {} : { history: { threadId, itemsJson } }),
    ...(thread.archivedAt === undefined ? {} : { archivedAt: secondsOf(thread.archivedAt) }),
    ...(gitInfo ? { gitInfo: gitMessage(gitInfo) } : {}),
    ...present("forkedFromId", thread.forkedFromId),
    ...present("name", thread.name),
    ...present("model", thread.model),
    ...present("agentNickname", thread.agentNickname),
    ...present("agentRole", thread.agentRole),
    ...present("agentPath", thread.agentPath),
    ...present("firstUserMessage", thread.firstUserMessage),
    ...present("reasoningEffort", known(REASONING_EFFORTS, thread.reasoningEffort)),
    ...present("threadSource", known(THREAD_SOURCES, thread.threadSource)),
    ...present("approvalModeJson", jsonOf(known(APPROVAL_MODES, thread.approvalMode))),
    ...present("sandboxPolicyJson", jsonOf(knownPolicy(thread.sandboxPolicy))),
    ...present("tokenUsageJson", jsonOf(totalUsage(thread.tokenUsage))),
  };
}

/** A thread as the contract has it. Where its file lies is the server's own affair. */
export function wholeThread({ rolloutPath: _path, history: _history, ...thread }: StoredThread): StoredThread {
  return thread;
}

/** The same as a message. */
export function wholeThreadMessage(thread: StoredThread): ThreadMessage {
  return { threadId: thread.threadId, contractJson: JSON.stringify(wholeThread(thread)) };
}

function secondsOf(instant: Instant): bigint {
  return BigInt(Math.floor(instantToMs(instant) / 1_000));
}

function gitMessage({ commitHash, branch, repositoryUrl }: GitInfo): NonNullable<ThreadMessage["gitInfo"]> {
  return { ...present("sha", commitHash), ...present("branch", branch), ...present("originUrl", repositoryUrl) };
}

function present<K extends string>(key: K, value: string | undefined): { readonly [key in K]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [key in K]?: string });
}

function known<T>(words: ReadonlySet<unknown>, word: T): T | undefined {
  return words.has(word) ? word : undefined;
}

function knownPolicy(policy: unknown): unknown {
  const { type, writable_roots = [] } = (policy ?? {}) as Readonly<Record<string, unknown>>;
  const areRoots = Array.isArray(writable_roots) && writable_roots.every((root) => String(root).startsWith("/"));
  return SANDBOX_POLICIES.has(type) && areRoots ? policy : undefined;
}

const USAGE_FIELDS = [
  "input_tokens",
  "cached_input_tokens",
  "output_tokens",
  "reasoning_output_tokens",
  "total_tokens",
] as const;

/** All tokens of a thread so far; an event tells those of the last answer beside them. */
function totalUsage(usage: unknown): unknown {
  const { total_token_usage } = (usage ?? {}) as { readonly total_token_usage?: Readonly<Record<string, unknown>> };
  return USAGE_FIELDS.every((field) => Number.isInteger(total_token_usage?.[field])) ? total_token_usage : undefined;
}

function jsonOf(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : JSON.stringify(value);
}

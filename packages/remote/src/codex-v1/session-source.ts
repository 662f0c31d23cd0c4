import type { MessageInitShape } from "@bufbuild/protobuf";
import { parseThreadId, type SessionSource, threadSpawnOf } from "@threadstore/core";
import {
  SessionSourceKind as Kind,
  type SessionSourceSchema,
  type SessionSource as SourceMessage,
} from "../gen/codex/thread_store/v1/thread_store_pb.js";

const KIND_OF_WORD = {
  cli: Kind.CLI,
  vscode: Kind.VSCODE,
  exec: Kind.EXEC,
  appServer: Kind.APP_SERVER,
  unknown: Kind.UNKNOWN,
} as const;

const WORD_OF_KIND: ReadonlyMap<Kind, SessionSource> = new Map<Kind, SessionSource>([
  [Kind.CLI, "cli"],
  [Kind.VSCODE, "vscode"],
  [Kind.EXEC, "exec"],
  [Kind.APP_SERVER, "appServer"],
  [Kind.SUB_AGENT_REVIEW, { subAgent: "review" }],
  [Kind.SUB_AGENT_COMPACT, { subAgent: "compact" }],
  [Kind.SUB_AGENT_MEMORY_CONSOLIDATION, { subAgent: "memory_consolidation" }],
]);

const KIND_OF_SUB_AGENT: ReadonlyMap<unknown, Kind> = new Map<unknown, Kind>([
  ["review", Kind.SUB_AGENT_REVIEW],
  ["compact", Kind.SUB_AGENT_COMPACT],
  ["memory_consolidation", Kind.SUB_AGENT_MEMORY_CONSOLIDATION],
]);

/** Who started a thread, as it was sent. */
export function readSource(message: SourceMessage | undefined): SessionSource {
  if (!message) return "unknown";
  const word = WORD_OF_KIND.get(message.kind);
  if (word !== undefined) return word;
  if (message.kind === Kind.CUSTOM) return { custom: message.custom ?? "" };
  if (message.kind === Kind.SUB_AGENT_OTHER) return { subAgent: { other: message.subAgentOther ?? "" } };
  return message.kind === Kind.SUB_AGENT_THREAD_SPAWN ? { subAgent: { thread_spawn: readSpawn(message) } } : "unknown";
}

function readSpawn(message: SourceMessage) {
  const { subAgentParentThreadId, subAgentDepth, subAgentPath, subAgentNickname, subAgentRole } = message;
  return {
    parent_thread_id: parseThreadId(subAgentParentThreadId ?? "") ?? "",
    depth: subAgentDepth ?? 1,
    agent_path: subAgentPath ?? null,
    agent_nickname: subAgentNickname ?? null,
    agent_role: subAgentRole ?? null,
  };
}

/** Who started a thread, as it is sent. A spawn that names no parent would spoil the client's whole list. */
export function sourceMessage(source: SessionSource): MessageInitShape<typeof SessionSourceSchema> {
  if (typeof source === "string") return { kind: KIND_OF_WORD[source] };
  if ("custom" in source) return { kind: Kind.CUSTOM, custom: source.custom };
  const kind = KIND_OF_SUB_AGENT.get(source.subAgent);
  if (kind !== undefined) return { kind };
  const spawn = threadSpawnOf(source);
  if (!spawn) return { kind: Kind.SUB_AGENT_OTHER, subAgentOther: otherOf(source.subAgent) };
  return {
    kind: Kind.SUB_AGENT_THREAD_SPAWN,
    subAgentParentThreadId: spawn.parentThreadId,
    subAgentDepth: spawn.depth,
    ...(spawn.agentPath === undefined ? {} : { subAgentPath: spawn.agentPath }),
    ...(spawn.agentNickname === undefined ? {} : { subAgentNickname: spawn.agentNickname }),
    ...(spawn.agentRole === undefined ? {} : { subAgentRole: spawn.agentRole }),
  };
}

function otherOf(subAgent: unknown): string {
  if (typeof subAgent === "string") return subAgent;
  const { other } = (subAgent ?? {}) as { readonly other?: unknown };
  return typeof other === "string" ? other : "unknown";
}

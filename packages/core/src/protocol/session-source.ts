import { asJsonObject, countField, type JsonObject, objectField, textField } from "./json-value.js";
import { parseThreadId, type ThreadId } from "./thread-id.js";

/** Who started a thread. `subAgent` keeps the recorded object or word as it is. */
export type SessionSource =
  | "cli"
  | "vscode"
  | "exec"
  | "appServer"
  | "unknown"
  | { readonly custom: string }
  | { readonly subAgent: unknown };

/** The kinds that lists filter by. `subAgent` matches every sub-agent, the longer words one sort of it. */
export const SOURCE_KINDS = [
  "cli",
  "vscode",
  "exec",
  "appServer",
  "subAgent",
  "subAgentReview",
  "subAgentCompact",
  "subAgentThreadSpawn",
  "subAgentOther",
  "unknown",
  "custom",
] as const;

export type SourceKind = (typeof SOURCE_KINDS)[number];

/** The spawn of a sub-agent as its source records it. */
export interface ThreadSpawn {
  readonly parentThreadId: ThreadId;
  readonly depth: number;
  readonly agentPath?: string;
  readonly agentNickname?: string;
  readonly agentRole?: string;
}

/** The words of every era for the same source: rollouts say `mcp` where the API says `appServer`. */
const WORDS: Readonly<Record<string, SessionSource>> = {
  cli: "cli",
  vscode: "vscode",
  exec: "exec",
  mcp: "appServer",
  appServer: "appServer",
  app_server: "appServer",
  "app-server": "appServer",
  unknown: "unknown",
};

/**
 * Reads a recorded source in any spelling: words, `{custom}`, `{subagent}` or `{subAgent}`, or the JSON text of one.
 * Absent is `vscode`, as Codex has it; what cannot be read is `unknown`.
 */
export function readSessionSource(recorded: unknown): SessionSource {
  if (recorded === undefined || recorded === null) return "vscode";
  if (typeof recorded === "string") return readSourceWord(recorded);
  const object = asJsonObject(recorded);
  if (object === null) return "unknown";
  if (typeof object.custom === "string") return { custom: object.custom };
  const subAgent = object.subAgent ?? object.subagent;
  return subAgent === undefined || subAgent === null ? "unknown" : { subAgent };
}

function readSourceWord(word: string): SessionSource {
  if (!word.startsWith("{")) return Object.hasOwn(WORDS, word) ? (WORDS[word] as SessionSource) : "unknown";
  try {
    return readSessionSource(JSON.parse(word));
  } catch {
    return "unknown";
  }
}

/** The source as rollouts spell it. */
export function rolloutSpellingOf(source: SessionSource): unknown {
  if (source === "appServer") return "mcp";
  return typeof source === "object" && "subAgent" in source ? { subagent: source.subAgent } : source;
}

/** The most specific kind of a source. */
export function sourceKindOf(source: SessionSource): Exclude<SourceKind, "subAgent"> {
  if (typeof source === "string") return source;
  if ("custom" in source) return "custom";
  if (source.subAgent === "review") return "subAgentReview";
  if (source.subAgent === "compact") return "subAgentCompact";
  return threadSpawnRecord(source.subAgent) === null ? "subAgentOther" : "subAgentThreadSpawn";
}

/** The specific kinds that a filter word stands for. */
export function sourceKindsMatching(kind: SourceKind): readonly SourceKind[] {
  // Codex lists reviews and spawned agents under `subAgent`; compactions and others only under their own words.
  return kind === "subAgent" ? ["subAgentReview", "subAgentThreadSpawn"] : [kind];
}

/** The spawn that made a sub-agent thread, or null when the source is none or names no parent. */
export function threadSpawnOf(source: SessionSource): ThreadSpawn | null {
  const spawn = typeof source === "object" && "subAgent" in source ? threadSpawnRecord(source.subAgent) : null;
  const parentThreadId = spawn && parseThreadId(textField(spawn, "parent_thread_id") ?? "");
  if (!spawn || !parentThreadId) return null;
  const agentPath = textField(spawn, "agent_path");
  const agentNickname = textField(spawn, "agent_nickname");
  const agentRole = textField(spawn, "agent_role") ?? textField(spawn, "agent_type");
  return {
    parentThreadId,
    depth: countField(spawn, "depth") ?? 1,
    ...(agentPath === undefined ? {} : { agentPath }),
    ...(agentNickname === undefined ? {} : { agentNickname }),
    ...(agentRole === undefined ? {} : { agentRole }),
  };
}

function threadSpawnRecord(subAgent: unknown): JsonObject | null {
  const object = asJsonObject(subAgent);
  return object && objectField(object, "thread_spawn");
}

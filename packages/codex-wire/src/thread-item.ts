import {
  asJsonObject,
  instantToMs,
  type JsonObject,
  objectField,
  type StoredTurnItem,
  type TurnItem,
  textField,
} from "@threadstore/core";
import { camelCase, camelCaseFields } from "./camel-case.js";
import { formatReview } from "./format-review.js";
import { mcpToolCallFields } from "./mcp-tool-call.js";
import { joinShellWords } from "./shell-words.js";

/** What a person sees in a turn, as Codex's app-server sends it. */
export interface ApiThreadItem {
  readonly type: string;
  readonly id: string;
  /** Unix milliseconds; null where they were not recorded, as in legacy threads. */
  readonly startedAtMs: number | null;
  readonly completedAtMs: number | null;
  readonly [field: string]: unknown;
}

/** The API form of a stored item. Kinds that are not known pass through with their fields in camel case. */
export function toApiThreadItem({ item, itemId, startedAt, completedAt }: StoredTurnItem): ApiThreadItem {
  const convert = (Object.hasOwn(CONVERSIONS, item.type) && CONVERSIONS[item.type]) || convertUnknown;
  return {
    ...convert(item),
    type: camelCase(item.type),
    id: itemId,
    startedAtMs: startedAt === undefined ? null : instantToMs(startedAt),
    completedAtMs: completedAt === undefined ? null : instantToMs(completedAt),
  };
}

type Fields = Readonly<Record<string, unknown>>;

const CONVERSIONS: Readonly<Record<string, (item: TurnItem) => Fields>> = {
  UserMessage: (item) => ({ clientId: item.client_id ?? null, content: listOf(item.content).map(userInputOf) }),
  AgentMessage: (item) => ({
    moderation: item.moderation ?? null,
    text: listOf(item.content)
      .map((part) => textField(part, "text") ?? "")
      .join(""),
    phase: item.phase ?? null,
    memoryCitation: camelCaseFields(item.memory_citation ?? null),
    delivery: item.delivery ?? null,
    questions: camelCaseFields(item.questions ?? null),
  }),
  Reasoning: (item) => ({ summary: item.summary_text ?? [], content: item.raw_content ?? [] }),
  Plan: (item) => ({ text: item.text ?? "" }),
  HookPrompt: (item) => ({ fragments: camelCaseFields(item.fragments ?? []) }),
  CommandExecution: (item) => ({
    pluginId: item.plugin_id ?? null,
    scriptPath: item.script_path ?? null,
    command: Array.isArray(item.command) ? joinShellWords(item.command.map(String)) : (item.command ?? ""),
    cwd: pathOf(item.cwd),
    processId: item.process_id ?? null,
    source: camelCase(textOf(item.source) ?? "agent"),
    status: camelCase(textOf(item.status) ?? "completed"),
    commandActions: listOf(item.parsed_cmd).map(commandActionOf),
    aggregatedOutput: item.aggregated_output || null,
    exitCode: item.exit_code ?? null,
    durationMs: durationMsOf(item.duration),
  }),
  FileChange: (item) => ({
    changes: Object.entries(asJsonObject(item.changes) ?? {}).map(([path, change]) => fileChangeOf(path, change)),
    status: camelCase(textOf(item.status) ?? "completed"),
  }),
  McpToolCall: (item) => ({ ...mcpToolCallFields(item), durationMs: durationMsOf(item.duration) }),
  DynamicToolCall: (item) => ({
    namespace: item.namespace ?? null,
    tool: item.tool,
    arguments: item.arguments ?? null,
    status: camelCase(textOf(item.status) ?? "completed"),
    contentItems: item.content_items ?? null,
    success: item.success ?? null,
    durationMs: durationMsOf(item.duration),
  }),
  CollabAgentToolCall: (item) => ({
    tool: camelCase(textOf(item.tool) ?? ""),
    status: camelCase(textOf(item.status) ?? "completed"),
    senderThreadId: item.sender_thread_id,
    receiverThreadIds: item.receiver_thread_ids ?? [],
    prompt: item.prompt ?? null,
    model: item.model ?? null,
    reasoningEffort: item.reasoning_effort ?? null,
    agentsStates: Object.fromEntries(
      Object.entries(asJsonObject(item.agents_states) ?? {}).map(([id, state]) => [id, agentStateOf(state)]),
    ),
  }),
  WebSearch: (item) => ({
    query: item.query ?? "",
    action: webSearchActionOf(asJsonObject(item.action)),
    results: item.results ?? null,
  }),
  ImageView: (item) => ({ path: pathOf(item.path) }),
  ContextCompaction: () => ({}),
  EnteredReviewMode: (item) => ({ review: textOf(item.user_facing_hint) || "Review requested." }),
  ExitedReviewMode: (item) => ({ review: formatReview(objectField(item, "review_output")) }),
};

function convertUnknown(item: TurnItem): Fields {
  const { type: _type, id: _id, ...fields } = item;
  return camelCaseFields(fields) as Fields;
}

function userInputOf(part: JsonObject): Fields {
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text ?? "", text_elements: part.text_elements ?? [] };
    case "image":
      return { type: "image", detail: part.detail ?? null, url: part.image_url ?? part.url ?? null };
    case "local_image":
      return { type: "localImage", detail: part.detail ?? null, path: part.path };
    default: {
      const { type, ...fields } = part;
      return { ...(camelCaseFields(fields) as Fields), type: camelCase(textOf(type) ?? "unknown") };
    }
  }
}

function commandActionOf({ type, cmd, ...fields }: JsonObject): Fields {
  return { ...(camelCaseFields(fields) as Fields), type: camelCase(textOf(type) ?? "unknown"), command: cmd };
}

function fileChangeOf(path: string, change: unknown): Fields {
  const { type, content, unified_diff, move_path } = asJsonObject(change) ?? {};
  const kind = type === "update" ? { type, move_path: move_path ?? null } : { type };
  return { path, kind, diff: unified_diff ?? content ?? "" };
}

/** A state is a word, or a word and what was said. */
function agentStateOf(state: unknown): Fields {
  const [[word, message] = []] = Object.entries(asJsonObject(state) ?? {});
  if (word !== undefined) return { status: camelCase(word), message: message ?? null };
  return { status: camelCase(textOf(state) ?? "notFound"), message: null };
}

function webSearchActionOf(action: JsonObject | null): Fields | null {
  if (action === null) return null;
  if (action.type === "search") return { type: "search", query: action.query ?? null, queries: action.queries ?? null };
  return { ...(camelCaseFields(action) as Fields), type: camelCase(textOf(action.type) ?? "other") };
}

function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.map(asJsonObject).filter((part) => part !== null) : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Paths are recorded as file URLs. */
function pathOf(value: unknown): string | null {
  const text = textOf(value);
  if (text === undefined) return null;
  return text.startsWith("file://") ? decodeURIComponent(new URL(text).pathname) : text;
}

function durationMsOf(value: unknown): number | null {
  const { secs, nanos } = asJsonObject(value) ?? {};
  if (typeof secs !== "number") return null;
  return secs * 1_000 + Math.floor((typeof nanos === "number" ? nanos : 0) / 1_000_000);
}

import { visibleUserText } from "../protocol/event-message.js";
import { type HistoryMode, historyModeOf } from "../protocol/history-mode.js";
import { type Instant, parseInstant } from "../protocol/instant.js";
import { asJsonObject, filledTextField, type JsonObject, objectField, textField } from "../protocol/json-value.js";
import type { StoredItem } from "../protocol/rollout-item.js";
import { readSessionSource, type SessionSource } from "../protocol/session-source.js";
import { parseThreadId, type ThreadId } from "../protocol/thread-id.js";
import { DEFAULT_LIMITS } from "../store/limits.js";
import type { ThreadPersistenceMetadata } from "../store/params.js";
import type { GitInfo } from "../store/records.js";

/**
 * What the items of a thread tell of it. Facts of a run of items are the merged facts of its parts, so they can be
 * gathered in any pieces: item by item, head and tail, inherited prefix and own part. Plain data: may be stored as JSON.
 */
export interface MetadataFacts {
  readonly meta?: SessionFacts;
  /** First wins. */
  readonly firstUserMessage?: TextAt;
  readonly firstGoal?: TextAt;
  readonly contextCwd?: string;
  readonly firstItemAt?: Instant;
  /** Last wins. */
  readonly settingsCwd?: string;
  readonly model?: ModelFacts;
  readonly approvalMode?: unknown;
  readonly sandboxPolicy?: unknown;
  readonly permissionProfile?: unknown;
  readonly tokenUsage?: unknown;
  readonly memoryMode?: string;
  readonly gitInfo?: GitInfo;
  /** The name an event recorded; empty when it took the name away. */
  readonly recordedName?: string;
  readonly lastTurnStartedAt?: Instant;
  readonly lastItemAt?: Instant;
}

/** What the thread's own session_meta says. */
export interface SessionFacts {
  readonly sessionId?: string;
  readonly createdAt?: Instant;
  readonly historyMode: HistoryMode;
  readonly forkedFromId?: ThreadId;
  readonly parentThreadId?: ThreadId;
  readonly isAttached?: true;
  readonly cwd?: string;
  readonly originator?: string;
  readonly cliVersion?: string;
  readonly source: SessionSource;
  readonly threadSource?: string;
  readonly agentNickname?: string;
  readonly agentRole?: string;
  readonly agentPath?: string;
  readonly modelProvider?: string;
}

export interface ModelFacts {
  readonly model: string;
  readonly reasoningEffort?: string;
  readonly serviceTier?: string;
}

/** A text and the ordinal of the item it stands in. */
export interface TextAt {
  readonly text: string;
  readonly ordinal: number;
}

export const NO_FACTS: MetadataFacts = {};

/** Events that tell something of their thread; readers need not parse the others for metadata. */
export const METADATA_EVENTS: ReadonlySet<string> = new Set([
  "user_message",
  "item_completed",
  "token_count",
  "task_started",
  "turn_started",
  "thread_settings_applied",
  "thread_goal_updated",
  "thread_name_updated",
]);

/** Item kinds that tell something of their thread, beside the events above. */
export const METADATA_KINDS: ReadonlySet<string> = new Set(["session_meta", "turn_context", "event_msg"]);

/** What a fold looks at of an item. */
export type FoldedItem = Pick<StoredItem, "ordinal" | "timestamp" | "item">;

/** The facts of one item. A session_meta of another thread, such as a copied prefix holds, tells nothing. */
export function factsOfItem(item: FoldedItem, threadId: ThreadId): MetadataFacts {
  const { type, payload } = item.item;
  const fields = asJsonObject(payload);
  const seen = { firstItemAt: item.timestamp, lastItemAt: item.timestamp };
  if (fields === null) return seen;
  if (type === "session_meta") return { ...seen, ...factsOfSessionMeta(fields, threadId) };
  if (type === "turn_context") return { ...seen, ...factsOfTurnContext(fields) };
  if (type === "event_msg") return { ...seen, ...factsOfEvent(fields, item) };
  return seen;
}

/** The facts of two runs of items that follow one another. */
export function mergeFacts(earlier: MetadataFacts, later: MetadataFacts): MetadataFacts {
  const merged: Record<string, unknown> = { ...earlier };
  for (const key in later) {
    const value = later[key as keyof MetadataFacts];
    if (key === "meta") merged.meta = mergeSessions(earlier.meta, later.meta);
    else if (!FIRST_WINS.has(key) || merged[key] === undefined) merged[key] = value;
  }
  return merged;
}

/** A thread is recorded as it was begun: a later session_meta does not change its history mode. */
function mergeSessions(earlier: SessionFacts | undefined, later: SessionFacts | undefined): SessionFacts | undefined {
  return earlier && later ? { ...earlier, ...later, historyMode: earlier.historyMode } : (later ?? earlier);
}

/** The facts that the first item to tell them decides; the last one decides the others. */
const FIRST_WINS: ReadonlySet<string> = new Set<keyof MetadataFacts>([
  "firstUserMessage",
  "firstGoal",
  "contextCwd",
  "firstItemAt",
]);

/** The facts of any number of items in order. */
export function foldFacts(items: Iterable<FoldedItem>, threadId: ThreadId): MetadataFacts {
  let facts = NO_FACTS;
  for (const item of items) facts = mergeFacts(facts, factsOfItem(item, threadId));
  return facts;
}

/** What a thread was born with, below everything its items tell. */
export function bornFacts(born: ThreadPersistenceMetadata): MetadataFacts {
  return withoutUndefined({
    model: born.model === undefined ? undefined : modelFactsOf({ ...born }, "reasoningEffort"),
    approvalMode: born.approvalMode ?? undefined,
    sandboxPolicy: born.sandboxPolicy ?? undefined,
    permissionProfile: born.permissionProfile ?? undefined,
    memoryMode: born.memoryMode,
  });
}

/** What a prefix tells the thread that inherits it: its conversation, not who started it or when it was last used. */
export function inheritedFacts(prefix: MetadataFacts): MetadataFacts {
  const { meta: _meta, firstItemAt: _first, lastItemAt: _last, lastTurnStartedAt: _turn, ...conversation } = prefix;
  const { gitInfo: _git, memoryMode: _memory, recordedName: _name, ...inherited } = conversation;
  return inherited;
}

function factsOfSessionMeta(meta: JsonObject, threadId: ThreadId): MetadataFacts {
  const id = parseThreadId(textField(meta, "id") ?? "");
  if (id !== null && id !== threadId) return {};
  const memoryMode = filledTextField(meta, "memory_mode");
  const gitInfo = gitInfoOf(objectField(meta, "git"));
  return {
    meta: sessionFactsOf(meta),
    ...(memoryMode === undefined ? {} : { memoryMode }),
    ...(gitInfo === undefined ? {} : { gitInfo }),
  };
}

/** Reads a session_meta payload; what is missing or of another type is left out. */
function sessionFactsOf(meta: JsonObject): SessionFacts {
  return withoutUndefined({
    sessionId: filledTextField(meta, "session_id"),
    createdAt: parseInstant(textField(meta, "timestamp") ?? "") ?? undefined,
    historyMode: historyModeOf(meta.history_mode),
    forkedFromId: parseThreadId(textField(meta, "forked_from_id") ?? "") ?? undefined,
    parentThreadId: parseThreadId(textField(meta, "parent_thread_id") ?? "") ?? undefined,
    isAttached: meta.attached_thread === true ? (true as const) : undefined,
    cwd: filledTextField(meta, "cwd"),
    originator: filledTextField(meta, "originator"),
    cliVersion: filledTextField(meta, "cli_version"),
    source: readSessionSource(meta.source),
    threadSource: filledTextField(meta, "thread_source"),
    agentNickname: filledTextField(meta, "agent_nickname"),
    agentRole: filledTextField(meta, "agent_role") ?? filledTextField(meta, "agent_type"),
    agentPath: filledTextField(meta, "agent_path"),
    modelProvider: filledTextField(meta, "model_provider"),
  });
}

function gitInfoOf(git: JsonObject | null): GitInfo | undefined {
  if (git === null) return undefined;
  return withoutUndefined({
    commitHash: filledTextField(git, "commit_hash"),
    branch: filledTextField(git, "branch"),
    repositoryUrl: filledTextField(git, "repository_url"),
  });
}

function factsOfTurnContext(context: JsonObject): MetadataFacts {
  return withoutUndefined({
    contextCwd: filledTextField(context, "cwd"),
    model: modelFactsOf(context, "effort"),
    approvalMode: context.approval_policy ?? undefined,
    sandboxPolicy: context.sandbox_policy ?? undefined,
    permissionProfile: context.permission_profile ?? undefined,
  });
}

function factsOfSettings(settings: JsonObject): MetadataFacts {
  return withoutUndefined({
    settingsCwd: filledTextField(settings, "cwd"),
    model: modelFactsOf(settings, "reasoning_effort"),
    approvalMode: settings.approval_policy ?? undefined,
    sandboxPolicy: settings.sandbox_policy ?? undefined,
    permissionProfile: settings.permission_profile ?? undefined,
  });
}

/** Model and effort are set together: settings without an effort take the earlier one away. */
function modelFactsOf(settings: JsonObject, effortKey: string): ModelFacts | undefined {
  const model = filledTextField(settings, "model");
  if (model === undefined) return undefined;
  return withoutUndefined({
    model,
    reasoningEffort: filledTextField(settings, effortKey),
    serviceTier: filledTextField(settings, "service_tier") ?? filledTextField(settings, "serviceTier"),
  });
}

function factsOfEvent(event: JsonObject, item: FoldedItem): MetadataFacts {
  switch (event.type) {
    case "user_message":
      return firstMessage(textField(event, "message") ?? "", hasImages(event), item.ordinal);
    case "item_completed":
      return factsOfTurnItem(objectField(event, "item"), item.ordinal);
    case "token_count":
      return event.info === undefined || event.info === null ? {} : { tokenUsage: event.info };
    case "task_started":
    case "turn_started":
      return { lastTurnStartedAt: item.timestamp };
    case "thread_settings_applied":
      return factsOfSettings(objectField(event, "thread_settings") ?? {});
    case "thread_goal_updated": {
      const objective = textField(objectField(event, "goal") ?? {}, "objective")?.trim();
      return objective ? { firstGoal: { text: previewOf(objective), ordinal: item.ordinal } } : {};
    }
    case "thread_name_updated":
      return { recordedName: textField(event, "thread_name") ?? "" };
    default:
      return {};
  }
}

function factsOfTurnItem(turnItem: JsonObject | null, ordinal: number): MetadataFacts {
  if (turnItem?.type !== "UserMessage") return {};
  const parts = Array.isArray(turnItem.content) ? turnItem.content.map(asJsonObject) : [];
  const texts = parts.flatMap((part) => (part?.type === "text" ? [textField(part, "text") ?? ""] : []));
  const hasOther = parts.some((part) => /image/i.test(textField(part ?? {}, "type") ?? ""));
  return firstMessage(texts.join("\n"), hasOther, ordinal);
}

function firstMessage(message: string, withImages: boolean, ordinal: number): MetadataFacts {
  const text = visibleUserText(message) || (withImages ? IMAGE_ONLY : "");
  return text === "" ? {} : { firstUserMessage: { text: previewOf(text), ordinal } };
}

/** Stands for a message of images without words. */
export const IMAGE_ONLY = "[Image]";

function hasImages(event: JsonObject): boolean {
  return [event.images, event.local_images].some((images) => Array.isArray(images) && images.length > 0);
}

/** Cuts a text to the length of a preview, in code points, the ellipsis included. */
export function previewOf(text: string): string {
  const max = DEFAULT_LIMITS.previewMaxCharacters;
  if (text.length <= max) return text;
  const characters = Array.from(text.slice(0, (max + 1) * 2));
  return characters.length <= max ? text : `${characters.slice(0, max - 1).join("")}…`;
}

/** The first of the first user message and the first goal: what previews show. */
export function previewFact(facts: MetadataFacts): string {
  const { firstUserMessage, firstGoal } = facts;
  if (firstUserMessage && firstGoal) {
    return firstGoal.ordinal < firstUserMessage.ordinal ? firstGoal.text : firstUserMessage.text;
  }
  return (firstUserMessage ?? firstGoal)?.text ?? "";
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

function withoutUndefined<T extends object>(fields: T): Defined<T> {
  const defined: Record<string, unknown> = {};
  for (const key in fields) if (fields[key] !== undefined) defined[key] = fields[key];
  return defined as Defined<T>;
}

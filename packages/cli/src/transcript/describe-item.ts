import type { ApiThreadItem } from "@threadstore/codex-wire";
import { asJsonObject, type JsonObject, objectField, textField, visibleUserText } from "@threadstore/core";
import { formatDuration } from "../output/duration.js";
import { LINE_BREAK, plainText } from "../output/plain-text.js";
import { shorten } from "../output/shorten.js";
import { describeFileChanges } from "./file-changes.js";

/** What a person is told of an item. Texts are as recorded: whoever prints them makes them plain. */
export interface ItemDescription {
  /** Who speaks, or what was done, in a word or two. */
  readonly label: string;
  /** What it was done with, such as a command; empty for what is said. */
  readonly title: string;
  /** What was said, or what came out. */
  readonly text: string;
  /** How it ended; empty when there is nothing to say of that. */
  readonly outcome: string;
  readonly tone: "user" | "agent" | "aside" | "tool";
  readonly isFailure: boolean;
}

/** Describes an item of the API, kinds that nobody knows included. */
export function describeItem(item: ApiThreadItem): ItemDescription {
  const describe = DESCRIPTIONS.get(item.type) ?? describeUnknown;
  return { title: "", text: "", tone: "tool", ...outcomeOf(item), ...describe(item) };
}

/** The first line of a text that says anything, as plain characters. */
export function firstLineOf(text: string): string {
  const start = /\S/.exec(text)?.index ?? text.length;
  const line = text.slice(start, start + FIRST_LINE_MAX_CHARACTERS).split(LINE_BREAK, 1)[0] ?? "";
  return plainText(line);
}

/** More than any terminal shows on a line. */
const FIRST_LINE_MAX_CHARACTERS = 2_000;
const ARGUMENTS_MAX_CHARACTERS = 200;

type Describe = (item: ApiThreadItem) => Described;
type Described = Pick<ItemDescription, "label"> & Partial<ItemDescription>;

/** A map, because files may hold any type, names of every object's members included. */
const DESCRIPTIONS = mapOf({
  userMessage: (item) => ({ label: "user", tone: "user", text: visibleUserText(contentText(item.content)) }),
  agentMessage: (item) => ({ label: "agent", tone: "agent", text: textOf(item, "text") }),
  reasoning: (item) => ({
    label: "reasoning",
    tone: "aside",
    text: wordsOf(item.summary).join("\n") || wordsOf(item.content).join("\n"),
  }),
  plan: (item) => ({ label: "plan", tone: "agent", text: textOf(item, "text") }),
  hookPrompt: (item) => ({ label: "hook", tone: "aside", text: contentText(item.fragments) }),
  commandExecution: (item) => ({ label: "$", title: textOf(item, "command"), text: textOf(item, "aggregatedOutput") }),
  fileChange: (item) => ({ label: "files", text: describeFileChanges(objectsOf(item.changes)) }),
  mcpToolCall: (item) => ({
    label: "tool",
    title: callOf([item.server, item.tool], item.arguments),
    text: errorText(item) || contentText(objectField(item, "result")?.content),
  }),
  dynamicToolCall: (item) => ({
    label: "tool",
    title: callOf([item.namespace, item.tool], item.arguments),
    text: contentText(item.contentItems),
  }),
  functionCallOutput: (item) => ({
    label: "tool",
    title: wordsOf([item.namespace, item.name]).join("."),
    text: typeof item.output === "string" ? item.output : contentText(item.output) || jsonOf(item.output),
  }),
  collabAgentToolCall: (item) => ({
    label: "agents",
    title: [textOf(item, "tool"), ...wordsOf(item.receiverThreadIds)].join(" "),
    text: [textOf(item, "prompt"), ...agentStates(objectField(item, "agentsStates"))].filter(Boolean).join("\n"),
  }),
  subAgentActivity: (item) => ({
    label: "agents",
    title: wordsOf([item.kind, item.agentPath, item.agentThreadId]).join(" "),
  }),
  webSearch: (item) => ({ label: "web search", title: textOf(item, "query") || searchOf(objectField(item, "action")) }),
  imageView: (item) => ({ label: "image", title: textOf(item, "path") }),
  imageGeneration: (item) => ({
    label: "image",
    title: wordsOf([item.savedPath, item.fileId]).join(" "),
    text: textOf(item, "revisedPrompt"),
  }),
  contextCompaction: () => ({ label: "context compacted", tone: "aside" }),
  enteredReviewMode: (item) => ({ label: "review begins", tone: "aside", text: textOf(item, "review") }),
  exitedReviewMode: (item) => ({ label: "review ends", tone: "agent", text: textOf(item, "review") }),
  sleep: () => ({ label: "sleep" }),
});

function mapOf(descriptions: Readonly<Record<string, Describe>>): ReadonlyMap<string, Describe> {
  return new Map(Object.entries(descriptions));
}

function describeUnknown({
  type,
  id: _id,
  startedAtMs: _started,
  completedAtMs: _completed,
  ...fields
}: ApiThreadItem) {
  return { label: type, text: jsonOf(fields) };
}

/** Exit code, status where it says more than that all went well, and time. */
function outcomeOf(item: ApiThreadItem): Pick<ItemDescription, "outcome" | "isFailure"> {
  const { exitCode, durationMs, status } = item;
  const isFailure = status === "failed" || status === "declined" || (typeof exitCode === "number" && exitCode !== 0);
  const exit = typeof exitCode === "number" ? [`exit ${exitCode}`] : [];
  const isTold = status === "completed" || (status === "failed" && exit.length > 0);
  const told = typeof status === "string" && !isTold ? [status] : [];
  const time = typeof durationMs === "number" ? [formatDuration(durationMs)] : [];
  return { outcome: [...exit, ...told, ...time].join(", "), isFailure };
}

/** The text of a message or a tool's answer; what is no text is named, never printed. */
function contentText(content: unknown): string {
  return objectsOf(content)
    .map((part) => textField(part, "text") ?? `[${namedPart(part)}]`)
    .join("\n");
}

function namedPart(part: JsonObject): string {
  const place = textField(part, "path") ?? textField(part, "url") ?? textField(part, "name") ?? "";
  // The picture itself may stand in a data URL.
  const shown = /^data:/i.test(place) ? "" : shorten(place, ARGUMENTS_MAX_CHARACTERS);
  return [textField(part, "type") ?? "?", shown].filter(Boolean).join(" ");
}

function callOf(names: readonly unknown[], callArguments: unknown): string {
  const given = callArguments === null || callArguments === undefined ? "" : jsonOf(callArguments);
  return `${wordsOf(names).join(".")}(${shorten(given, ARGUMENTS_MAX_CHARACTERS)})`;
}

function errorText(item: ApiThreadItem): string {
  return textOf(objectField(item, "error") ?? {}, "message");
}

function agentStates(states: JsonObject | null): string[] {
  return Object.entries(states ?? {}).map(([threadId, state]) => {
    const { status, message } = asJsonObject(state) ?? {};
    return `${threadId}: ${wordsOf([status, message]).join(": ")}`;
  });
}

function searchOf(action: JsonObject | null): string {
  return action ? wordsOf([action.type, action.url, action.pattern]).join(" ") : "";
}

function jsonOf(value: unknown): string {
  return JSON.stringify(value) ?? "";
}

function textOf(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name];
  return typeof value === "string" ? value : "";
}

function wordsOf(values: unknown): string[] {
  return Array.isArray(values) ? values.filter((value) => typeof value === "string" && value !== "") : [];
}

function objectsOf(values: unknown): JsonObject[] {
  return Array.isArray(values) ? values.map(asJsonObject).filter((value) => value !== null) : [];
}

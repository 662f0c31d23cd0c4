import { readFileSync } from "node:fs";

/**
 * A real rollout taken apart, to be written many times with other ids, times and texts.
 *
 * @typedef {object} TemplateLine
 * @property {string} kind what the line is, as in `event_msg/item_completed/UserMessage`
 * @property {readonly (string | ((scope: import("./rollout-scope.mjs").RolloutScope) => string | number))[]} parts
 *   the text after timestamp and ordinal: kept pieces, and what stands between them
 *
 * @typedef {object} RolloutTemplate
 * @property {boolean} isPaginated
 * @property {readonly TemplateLine[]} head the lines before the first turn
 * @property {readonly (readonly TemplateLine[])[]} turns
 */

/** What differs from thread to thread, in the templates as they were recorded. The templates' prose is masked with x. */
const SLOT = new RegExp(
  [
    /(?<uuid>[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})/,
    /(?<=")(?<call>call|fc_call|fc|rs|msg)_(?=\d+(?:_\d+)?")/,
    /(?<=(?:started|completed)_at_ms":)(?<ms>\d+)/,
    /(?<=(?:started|completed)_at":)(?<seconds>\d+)/,
    /(?<=create_time":)(?<fractionalSeconds>\d+\.\d+)/,
    /(?<startedAt>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)/,
    /(?<folder>\/tmp\/demo\/plain)/,
    /(?<question>x{8} \d+: (?:[^"\\]|\\.)*)/,
    /(?<answer>Answer \d+: (?:[^"\\]|\\.)*)/,
  ]
    .map((pattern) => pattern.source)
    .join("|"),
  "g",
);

/** What stands in a slot, by the name of its group. */
const FILLERS = {
  uuid: (uuid) => (scope) => scope.idFor(uuid),
  call: (prefix) => (scope) => `${prefix}${scope.turnNumber}_`,
  ms: () => (scope) => scope.timeMs,
  seconds: () => (scope) => Math.floor(scope.timeMs / 1000),
  fractionalSeconds: () => (scope) => scope.timeMs / 1000,
  startedAt: () => (scope) => new Date(scope.startMs).toISOString(),
  folder: () => (scope) => scope.folder,
  question:
    ({ length }) =>
    (scope) =>
      scope.question(length),
  answer:
    ({ length }) =>
    (scope) =>
      scope.answer(length),
};

const ENVELOPE = /^\{"timestamp":"[^"]*"(?:,"ordinal":\d+)?,/;

/** @returns {RolloutTemplate} */
export function readTemplate(path) {
  const texts = readFileSync(path, "utf8").trimEnd().split("\n");
  const first = JSON.parse(texts[0]);
  const head = [];
  const turns = [];
  for (const text of texts) {
    const line = templateLine(text);
    if (line.kind === "event_msg/task_started") turns.push([]);
    (turns.at(-1) ?? head).push(line);
  }
  return { isPaginated: first.ordinal !== undefined, threadId: first.payload.id, head, turns };
}

/** The lines of any turn: those after the last repeat from the second on, because the first also holds the settings. */
export function templateTurn({ turns }, index) {
  return turns[index < turns.length ? index : 1 + ((index - 1) % (turns.length - 1))];
}

function templateLine(text) {
  const { type, payload } = JSON.parse(text);
  const kind = [type, payload.type, payload.item?.type ?? payload.role].filter((part) => part !== undefined).join("/");
  return { kind, parts: partsOf(text.replace(ENVELOPE, "")) };
}

function partsOf(text) {
  const parts = [];
  let end = 0;
  for (const { 0: found, index, groups } of text.matchAll(SLOT)) {
    const name = Object.keys(FILLERS).find((candidate) => groups[candidate] !== undefined);
    parts.push(text.slice(end, index), FILLERS[name](found));
    end = index + found.length;
  }
  return [...parts, text.slice(end)];
}

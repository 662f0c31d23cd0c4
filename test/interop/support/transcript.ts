import { appendFileSync, writeFileSync } from "node:fs";

export interface TranscriptOptions {
  /** The file to write; what it held before is gone. */
  readonly path: string;
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** An instant of RFC 3339, or the same with dashes as file names have it. */
const INSTANT = /\d{4}-\d\d-\d\dT\d\d[:-]\d\d[:-]\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?/g;
const DATE_FOLDER = /\d{4}\/\d\d\/\d\d(?=\/)/g;
const PORT = /127\.0\.0\.1:\d+/g;
const TIME_FIELD = /(At|AtMs|Ms|_at|_ms)$/;
const TEXT_MAX_CHARACTERS = 160;
const ITEMS_MAX = 6;
const DEPTH_MAX = 5;
/** What no step changes: settings of the home, who the client is, times; and states that come in any order. */
const UNTOLD_FIELDS = new Set([
  "approvalMode",
  "approvalPolicy",
  "approvalsReviewer",
  "backwardsCursor",
  "canAcceptDirectInput",
  "cliVersion",
  "collaborationMode",
  "completedAt",
  "createdAt",
  "cwd",
  "disabledPluginIds",
  "durationMs",
  "environments",
  "ephemeral",
  "instructionSources",
  "itemsBackwardsCursor",
  "itemsView",
  "last_token_usage",
  "metadata",
  "model",
  "modelProvider",
  "multiAgentMode",
  "originator",
  "permissionProfile",
  "readState",
  "readStates",
  "recencyAt",
  "rootTurnId",
  "runtimeWorkspaceRoots",
  "sandbox",
  "sandboxPolicy",
  "source",
  "startedAt",
  "turnsBackwardsCursor",
  "updatedAt",
]);

/**
 * Tells what a test asked of Codex and what came back, in lines that are the same in each clean run.
 *
 * Ids, instants, ports and temporary paths become labels, numbered in the order in which they appear.
 */
export class Transcript {
  private readonly path: string;
  private readonly labels = new Map<string, string>();
  private readonly counts = new Map<string, number>();

  constructor({ path }: TranscriptOptions) {
    this.path = path;
    writeFileSync(path, "");
  }

  /** Gives a value, such as a temporary path, the label `<name>`. */
  label(value: string, name: string): void {
    this.labels.set(value, `<${name}>`);
  }

  heading(text: string): void {
    this.write(`\n== ${text}`);
  }

  step(text: string): void {
    this.write(`# ${text}`);
  }

  request(method: string, params: unknown): void {
    this.nameIds(params);
    this.write(`> ${method} ${summarize(params)}`);
  }

  answer(result: unknown): void {
    this.nameIds(result);
    this.write(`< ${summarize(result)}`);
  }

  private write(line: string): void {
    appendFileSync(this.path, `${this.replaceVariables(line)}\n`);
  }

  private replaceVariables(line: string): string {
    const paths = [...this.labels].sort(([left], [right]) => right.length - left.length);
    return paths
      .reduce((text, [value, label]) => text.replaceAll(value, label), line)
      .replace(UUID, (id) => this.nameId(id, "id"))
      .replace(INSTANT, "<time>")
      .replace(DATE_FOLDER, "<date>")
      .replace(PORT, "127.0.0.1:<port>");
  }

  /** Threads and turns are known by the fields that they stand in; any other id is just an id. */
  private nameIds(value: unknown): void {
    if (typeof value !== "object" || value === null) return;
    for (const [key, field] of Object.entries(value)) {
      if (UNTOLD_FIELDS.has(key)) continue;
      if (key === "threadId") this.nameId(field, "thread");
      if (key === "thread") this.nameId(field?.id, "thread");
      if (key === "turnId") this.nameId(field, "turn");
      if (key === "turn") this.nameId(field?.id, "turn");
      if (key === "turns") for (const turn of field) this.nameId(turn?.id, "turn");
      this.nameIds(field);
    }
  }

  private nameId(id: unknown, kind: "thread" | "turn" | "id"): string {
    if (typeof id !== "string" || !id.match(UUID)) return String(id);
    const known = this.labels.get(id);
    if (known !== undefined) return known;
    const number = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, number);
    this.label(id, kind === "thread" ? `thread ${toLetters(number)}` : `${kind} ${number}`);
    return this.nameId(id, kind);
  }
}

/** A, B, ... Z, AA, AB, ... */
function toLetters(number: number): string {
  const letter = String.fromCharCode(65 + ((number - 1) % 26));
  return number > 26 ? toLetters(Math.floor((number - 1) / 26)) + letter : letter;
}

/** One line of JSON: no nulls, no deep parts, no long texts or lists, no times. */
function summarize(value: unknown): string {
  return JSON.stringify(shorten(value, { key: "", depth: 0 })) ?? "";
}

interface Place {
  readonly key: string;
  readonly depth: number;
}

function shorten(value: unknown, { key, depth }: Place): unknown {
  if (typeof value === "number" && TIME_FIELD.test(key)) return "<time>";
  if (typeof value === "string") return shortenText(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return shortenList(value, depth);
  if (depth > DEPTH_MAX) return "{…}";
  const fields = Object.entries(value).filter(([name, field]) => field != null && !UNTOLD_FIELDS.has(name));
  return Object.fromEntries(fields.map(([name, field]) => [name, shorten(field, { key: name, depth: depth + 1 })]));
}

function shortenList(values: readonly unknown[], depth: number): unknown {
  const shown = values.slice(0, ITEMS_MAX).map((value) => shorten(value, { key: "", depth: depth + 1 }));
  return values.length > ITEMS_MAX ? [...shown, `… ${values.length - ITEMS_MAX} more`] : shown;
}

/** Never in the middle of an id or a path: what is left of one would not be replaced. */
function shortenText(text: string): string {
  if (text.length <= TEXT_MAX_CHARACTERS || /[/-]/.test(text)) return text;
  return `${text.slice(0, TEXT_MAX_CHARACTERS)}…`;
}

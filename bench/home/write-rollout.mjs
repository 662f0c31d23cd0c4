import { closeSync, mkdirSync, openSync, utimesSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { RolloutScope } from "./rollout-scope.mjs";
import { templateTurn } from "./rollout-template.mjs";

/**
 * What a rollout is to be like.
 *
 * @typedef {object} RolloutPlan
 * @property {import("./rollout-template.mjs").RolloutTemplate} template
 * @property {string} threadId
 * @property {number} startMs
 * @property {number} turns
 * @property {string} label what its questions are about; a search for it finds this thread
 * @property {string} folder the folder that the agent worked in
 * @property {readonly string[]} words what its texts are made of
 * @property {import("./random-source.mjs").RandomSource} random ids and texts
 * @property {import("./random-source.mjs").RandomSource} pace times
 * @property {number} [firstOrdinal] default 0
 * @property {(text: string, line: { kind: string, turnNumber: number }) => string | null} [edit]
 *   changes the text of a line after its timestamp and ordinal; null leaves the line out
 */

/** Characters that are gathered before a write: rollouts of hundreds of megabytes are never in memory whole. */
const CHUNK_CHARACTERS = 1024 * 1024;

/** Writes the rollout of a plan below a home; its file time is that of its last line. Returns what was written. */
export function writeRollout(home, plan) {
  const path = rolloutPath(plan);
  mkdirSync(dirname(join(home, path)), { recursive: true });
  const scope = new RolloutScope(plan);
  const lines = new LineFile(join(home, path), plan);
  const turnEnds = [];
  try {
    for (const line of plan.template.head) lines.write(line, scope);
    for (let turn = 0; turn < plan.turns; turn++) {
      scope.beginTurn(turn + 1);
      for (const line of templateTurn(plan.template, turn)) lines.write(line, scope);
      turnEnds.push({ ordinal: lines.nextOrdinal, offset: lines.bytes });
    }
  } finally {
    lines.close();
  }
  setFileTime(join(home, path), lines.endMs);
  const { threadId, turns } = plan;
  const { items, bytes } = lines;
  return { threadId, path, turns, items, lines: lines.count, bytes, turnEnds, endMs: lines.endMs };
}

function rolloutPath({ threadId, startMs }) {
  const instant = new Date(startMs).toISOString();
  const folder = `sessions/${instant.slice(0, 10).replaceAll("-", "/")}`;
  return `${folder}/rollout-${instant.slice(0, 19).replaceAll(":", "-")}-${threadId}.jsonl`;
}

export function setFileTime(path, ms) {
  // File times go through a floating-point number of seconds and are cut to microseconds: half of one keeps the millisecond.
  const seconds = (ms + 0.0005) / 1000;
  utimesSync(path, seconds, seconds);
}

/** The lines of one rollout on their way into its file. */
class LineFile {
  count = 0;
  items = 0;
  bytes = 0;
  endMs = 0;
  nextOrdinal;
  #plan;
  #fd;
  #chunk = "";

  constructor(path, plan) {
    this.#plan = plan;
    this.nextOrdinal = plan.firstOrdinal ?? 0;
    this.#fd = openSync(path, "w");
  }

  write(line, scope) {
    const { template, edit } = this.#plan;
    const { kind } = line;
    scope.beginLine();
    const text = edit ? edit(render(line, scope), { kind, turnNumber: scope.turnNumber }) : render(line, scope);
    if (text === null) return;
    const ordinal = template.isPaginated ? `,"ordinal":${this.nextOrdinal}` : "";
    const full = `{"timestamp":"${new Date(scope.timeMs).toISOString()}"${ordinal},${text}\n`;
    this.#chunk += full;
    this.bytes += Buffer.byteLength(full);
    this.endMs = scope.timeMs;
    this.count++;
    this.nextOrdinal++;
    if (kind.startsWith("event_msg/item_completed/")) this.items++;
    if (this.#chunk.length >= CHUNK_CHARACTERS) this.#flush();
  }

  close() {
    try {
      this.#flush();
    } finally {
      closeSync(this.#fd);
    }
  }

  #flush() {
    const bytes = Buffer.from(this.#chunk);
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#fd, bytes, done);
    this.#chunk = "";
  }
}

function render({ parts }, scope) {
  let text = "";
  for (const part of parts) text += typeof part === "string" ? part : part(scope);
  return text;
}

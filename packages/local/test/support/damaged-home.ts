import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { makeHome } from "./write-home.js";

export const THREAD = "01900000-0000-7000-8000-000000000001";
export const OTHER = "01900000-0000-7000-8000-000000000002";

export const PATH = rolloutPath(THREAD);

export function rolloutPath(threadId: string, segment = ""): string {
  return `sessions/2026/11/20/rollout-2026-11-20T10-00-00-${threadId}${segment}.jsonl`;
}

const TIMESTAMP = "2026-11-20T10:00:00.000Z";

/** A home with files that a test writes as it likes. */
export class DamagedHome {
  readonly #home = makeHome();

  get path(): string {
    return this.#home.path;
  }

  write(path: string, content: string | Buffer): void {
    fs.mkdirSync(dirname(join(this.path, path)), { recursive: true });
    fs.writeFileSync(join(this.path, path), content);
  }

  read(path: string): string {
    return fs.readFileSync(join(this.path, path), "utf8");
  }

  remove(): void {
    this.#home.remove();
  }
}

export interface MetaFields {
  readonly id?: string;
  readonly historyMode?: string;
  readonly base?: { readonly thread_id: string; readonly end_ordinal_exclusive: number };
}

/** The session_meta of a rollout, as the real Codex writes it. */
export function metaLine({ id = THREAD, historyMode, base }: MetaFields, ordinal?: number): string {
  const payload = {
    id,
    timestamp: TIMESTAMP,
    cwd: "/project",
    originator: "test",
    cli_version: "1.0.0",
    source: "cli",
    model_provider: "p",
    ...(historyMode === undefined ? {} : { history_mode: historyMode }),
    ...(base ? { history_base: base } : {}),
  };
  return recordLine({ type: "session_meta", payload }, ordinal);
}

export function recordLine(item: object, ordinal?: number): string {
  return JSON.stringify({ timestamp: TIMESTAMP, ...(ordinal === undefined ? {} : { ordinal }), ...item });
}

/** A message of a user, with its number in the text. */
export function messageLine(number: number, ordinal?: number): string {
  const content = [{ type: "text", text: `message ${number}` }];
  const payload =
    ordinal === undefined
      ? { type: "user_message", message: `message ${number}` }
      : { type: "item_completed", turn_id: "t", item: { type: "UserMessage", id: `u${number}`, content } };
  return recordLine({ type: "event_msg", payload }, ordinal);
}

/** The lines of a whole rollout with some messages. */
export function legacyLines(messages = 3): string[] {
  return [metaLine({}), ...Array.from({ length: messages }, (_, at) => messageLine(at))];
}

export function paginatedLines(messages = 3, fields: MetaFields = {}, first = 0): string[] {
  const meta = metaLine({ historyMode: "paginated", ...fields }, first);
  return [meta, ...Array.from({ length: messages }, (_, at) => messageLine(at, first + at + 1))];
}

/** Lines, each closed. */
export function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

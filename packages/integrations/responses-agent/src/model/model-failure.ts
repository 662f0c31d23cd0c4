import { AgentFailure, isAgentFailure } from "@threadstore/runtime";
import { APIConnectionError, APIError } from "openai";

/** An answer that broke off, or never came: asking again may help. */
export class BrokenAnswerError extends Error {
  override readonly name = "BrokenAnswerError";
}

const CONTEXT_WINDOW_CODES: ReadonlySet<string> = new Set(["context_length_exceeded", "context_window_exceeded"]);
const USAGE_CODES: ReadonlySet<string> = new Set(["insufficient_quota", "usage_limit_reached", "usage_not_included"]);
const RETRIED_CODES: ReadonlySet<string> = new Set([
  "server_error",
  "rate_limit_exceeded",
  "server_is_overloaded",
  "slow_down",
]);
const RETRIED_STATUSES: ReadonlySet<number> = new Set([408, 409, 429]);

/** What stands for a key in a message. Some providers say again what they were sent. */
const HIDDEN_KEY = "[key]";
/** Shorter ones are no secrets: local providers take any word. */
const KEY_MIN_CHARACTERS = 8;

/** The failure that a request ended with, in Codex's own kinds. Its message, which is recorded, does not tell the key. */
export function modelFailure(error: unknown, key: string): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const codexErrorInfo = kindOf(error);
  if (codexErrorInfo === null) return error;
  const message = key.length < KEY_MIN_CHARACTERS ? error.message : error.message.replaceAll(key, HIDDEN_KEY);
  return new AgentFailure(message, { codexErrorInfo, cause: error });
}

/** Whether the same request may be answered when it is made again. */
export function isWorthRetrying(error: unknown): boolean {
  if (error instanceof BrokenAnswerError || error instanceof APIConnectionError) return true;
  if (!(error instanceof APIError) || kindOfCode(error.code) !== null) return false;
  return error.status >= 500 || RETRIED_STATUSES.has(error.status);
}

/** Whether what a model answered is too long for it. */
export function isContextWindowExceeded(error: unknown): boolean {
  return isAgentFailure(error) && error.codexErrorInfo === "context_window_exceeded";
}

/** The failure of an answer that tells of itself that it failed. */
export function failedAnswer(code: string | null | undefined, message: string): Error {
  if (code && RETRIED_CODES.has(code)) return new BrokenAnswerError(message);
  return new AgentFailure(message, { codexErrorInfo: kindOfCode(code) ?? "other" });
}

/** Null for what is no failure of a provider. */
function kindOf(error: Error): unknown {
  if (isAgentFailure(error)) return error.codexErrorInfo;
  if (error instanceof BrokenAnswerError) return { response_stream_disconnected: { http_status_code: null } };
  if (error instanceof APIConnectionError) return { http_connection_failed: { http_status_code: null } };
  return error instanceof APIError ? (kindOfCode(error.code) ?? kindOfStatus(error.status)) : null;
}

function kindOfStatus(status: number | undefined): unknown {
  if (status === undefined) return "other";
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 429) return { response_too_many_failed_attempts: { http_status_code: status } };
  return status >= 500 ? "internal_server_error" : "bad_request";
}

function kindOfCode(code: string | null | undefined): string | null {
  if (!code) return null;
  if (CONTEXT_WINDOW_CODES.has(code)) return "context_window_exceeded";
  return USAGE_CODES.has(code) ? "usage_limit_exceeded" : null;
}

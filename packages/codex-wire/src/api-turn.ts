import { asJsonObject, type Instant, instantToMs, type StoredTurn, type StoredTurnError } from "@threadstore/core";
import { camelCase, camelCaseFields } from "./camel-case.js";
import { type ApiThreadItem, toApiThreadItem } from "./thread-item.js";

/** A turn as Codex's app-server sends it: every key present, absent values null, times in whole Unix seconds. */
export interface ApiTurn {
  readonly id: string;
  readonly rootTurnId: string | null;
  readonly items: readonly ApiThreadItem[];
  readonly itemsView: "notLoaded" | "summary" | "full";
  readonly status: "completed" | "interrupted" | "failed" | "inProgress";
  readonly error: ApiTurnError | null;
  readonly startedAt: number | null;
  readonly completedAt: number | null;
  readonly durationMs: number | null;
}

export interface ApiTurnError {
  readonly message: string;
  readonly codexErrorInfo: unknown;
  readonly additionalDetails: string | null;
  readonly misalignment: null;
}

/** The API form of a stored turn. One whose end was not recorded was interrupted, unless the thread is running. */
export function toApiTurn(turn: StoredTurn, { isRunning = false }: { readonly isRunning?: boolean } = {}): ApiTurn {
  return {
    id: turn.turnId,
    rootTurnId: turn.rootTurnId ?? null,
    items: turn.items.map(toApiThreadItem),
    itemsView: turn.itemsView,
    status: turn.status === "inProgress" && !isRunning ? "interrupted" : turn.status,
    error: turn.error ? toApiTurnError(turn.error) : null,
    startedAt: unixSeconds(turn.startedAt),
    completedAt: unixSeconds(turn.completedAt),
    durationMs: turn.durationMs ?? null,
  };
}

function toApiTurnError({ message, additionalDetails, codexErrorInfo }: StoredTurnError): ApiTurnError {
  return {
    message,
    codexErrorInfo: errorInfoOf(codexErrorInfo),
    additionalDetails: additionalDetails ?? null,
    misalignment: null,
  };
}

/** Kinds of errors that the API knows; every other one is `other`. */
const ERROR_INFOS: ReadonlySet<string> = new Set([
  "contextWindowExceeded",
  "usageLimitExceeded",
  "serverOverloaded",
  "httpConnectionFailed",
  "responseStreamConnectionFailed",
  "internalServerError",
  "unauthorized",
  "badRequest",
  "threadRollbackFailed",
  "sandboxError",
  "responseStreamDisconnected",
  "responseTooManyFailedAttempts",
  "other",
]);

function errorInfoOf(info: unknown): unknown {
  if (info === undefined || info === null) return null;
  if (typeof info === "string") return ERROR_INFOS.has(camelCase(info)) ? camelCase(info) : "other";
  const [word] = Object.keys(asJsonObject(info) ?? {});
  return word !== undefined && ERROR_INFOS.has(camelCase(word)) ? camelCaseFields(info) : "other";
}

function unixSeconds(instant: Instant | undefined): number | null {
  return instant === undefined ? null : Math.floor(instantToMs(instant) / 1_000);
}

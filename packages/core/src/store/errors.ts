/** The closed list of error codes; docs/contract.md says when each is raised. */
export type ThreadStoreErrorCode =
  | "thread_not_found"
  | "unsupported"
  | "invalid_request"
  | "conflict"
  | "unavailable"
  | "resource_exhausted"
  | "internal";

/** The only error a store throws. The message names what was asked and what was found, never conversation text. */
export class ThreadStoreError extends Error {
  override readonly name = "ThreadStoreError";
  readonly code: ThreadStoreErrorCode;
  /** The thread that was not found; set for `thread_not_found`. */
  readonly threadId: string | undefined;
  /** The stable name of the operation a store does not have; set for `unsupported`. */
  readonly operation: string | undefined;

  constructor(
    code: ThreadStoreErrorCode,
    message: string,
    details: { readonly threadId?: string; readonly operation?: string; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.threadId = details.threadId;
    this.operation = details.operation;
  }
}

/** Whether a thrown value is a store's error, and of that code when one is given. Works across copies of this package. */
export function isThreadStoreError(error: unknown, code?: ThreadStoreErrorCode): error is ThreadStoreError {
  if (!(error instanceof Error) || error.name !== "ThreadStoreError") return false;
  return code === undefined || (error as ThreadStoreError).code === code;
}

export function threadNotFound(threadId: string, message = `thread ${threadId} not found`): ThreadStoreError {
  return new ThreadStoreError("thread_not_found", message, { threadId });
}

export function invalidRequest(message: string, cause?: unknown): ThreadStoreError {
  return new ThreadStoreError("invalid_request", message, { cause });
}

export function conflict(message: string, cause?: unknown): ThreadStoreError {
  return new ThreadStoreError("conflict", message, { cause });
}

export function unavailable(message: string, cause?: unknown): ThreadStoreError {
  return new ThreadStoreError("unavailable", message, { cause });
}

export function resourceExhausted(message: string): ThreadStoreError {
  return new ThreadStoreError("resource_exhausted", message);
}

export function internal(message: string, cause?: unknown): ThreadStoreError {
  return new ThreadStoreError("internal", message, { cause });
}

export function unsupported(operation: string): ThreadStoreError {
  return new ThreadStoreError("unsupported", `this store does not support ${operation}`, { operation });
}

/** An archived thread was asked for without `includeArchived`. */
export function threadArchived(threadId: string): ThreadStoreError {
  return invalidRequest(`thread ${threadId} is archived`);
}

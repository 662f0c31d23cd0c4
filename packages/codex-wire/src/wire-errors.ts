import { ThreadStoreError } from "@threadstore/core";

/** A refusal that JSON-RPC knows as invalid params (-32602); every other one is an invalid request (-32600). */
export class InvalidParamsError extends ThreadStoreError {
  constructor(message: string, cause?: unknown) {
    super("invalid_request", message, { cause });
  }
}

export function invalidRequest(message: string, cause?: unknown): ThreadStoreError {
  return new ThreadStoreError("invalid_request", message, { cause });
}

export function invalidCursor(cursor: string): ThreadStoreError {
  return invalidRequest(`invalid cursor: ${cursor.slice(0, 200)}`);
}

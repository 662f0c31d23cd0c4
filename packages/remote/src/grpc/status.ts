import { status } from "@grpc/grpc-js";
import { isThreadStoreError, type ThreadStoreErrorCode } from "@threadstore/core";

/** What a store's error is on the wire. Codex takes the three statuses of a conflict for one. */
const STATUS_OF: Readonly<Record<ThreadStoreErrorCode, status>> = {
  thread_not_found: status.NOT_FOUND,
  unsupported: status.UNIMPLEMENTED,
  invalid_request: status.INVALID_ARGUMENT,
  conflict: status.FAILED_PRECONDITION,
  unavailable: status.UNAVAILABLE,
  resource_exhausted: status.RESOURCE_EXHAUSTED,
  internal: status.INTERNAL,
};

/** A failed call, as grpc-js tells it. */
export interface CallStatus {
  readonly code: status;
  readonly details: string;
}

/** A call that is refused before it gets to a store. */
export class CallRefused extends Error {
  readonly status: status;

  constructor(code: status, message: string) {
    super(message);
    this.status = code;
  }
}

/** The status of whatever a handler threw. What is no error of a store tells nothing of itself. */
export function statusOf(error: unknown): CallStatus {
  if (isThreadStoreError(error)) return { code: STATUS_OF[error.code], details: error.message };
  if (error instanceof CallRefused) return { code: error.status, details: error.message };
  return { code: status.INTERNAL, details: "the server failed" };
}

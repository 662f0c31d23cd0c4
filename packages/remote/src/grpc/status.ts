import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { isThreadStoreError, ThreadStoreError, type ThreadStoreErrorCode } from "@threadstore/core";

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
  /** Says that a store gave the error, not the way to it. */
  readonly metadata?: Metadata;
}

/** Of an answer: the code of the error that the store gave, and what it was about. */
const ERROR_CODE = "threadstore-error";
const ERROR_THREAD = "threadstore-thread";
const ERROR_OPERATION = "threadstore-operation";

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
  if (isThreadStoreError(error)) {
    return { code: STATUS_OF[error.code], details: error.message, metadata: trailerOf(error) };
  }
  if (error instanceof CallRefused) return { code: error.status, details: error.message };
  return { code: status.INTERNAL, details: "the server failed" };
}

function trailerOf({ code, threadId, operation }: ThreadStoreError): Metadata {
  const metadata = new Metadata();
  metadata.set(ERROR_CODE, code);
  if (threadId !== undefined) metadata.set(ERROR_THREAD, threadId);
  if (operation !== undefined) metadata.set(ERROR_OPERATION, operation);
  return metadata;
}

/** Whether a threadstore's store gave the error, and not the way to it, or another server. */
export function isOfThreadstore(error: ServiceError): boolean {
  return error.metadata.get(ERROR_CODE).length > 0;
}

/** Whether a call failed before a store could answer it: it may have been done, or not. A server that ends cancels its calls. */
export function isCutOff(error: ServiceError): boolean {
  const isLost = error.code === status.UNAVAILABLE || error.code === status.CANCELLED;
  return isLost && !isOfThreadstore(error);
}

/** What other statuses than those of stores' errors are. */
const CODE_OF: Partial<Readonly<Record<status, ThreadStoreErrorCode>>> = {
  ...Object.fromEntries(Object.entries(STATUS_OF).map(([code, of]) => [of, code])),
  [status.ALREADY_EXISTS]: "conflict",
  [status.ABORTED]: "conflict",
  [status.CANCELLED]: "unavailable",
  [status.DEADLINE_EXCEEDED]: "unavailable",
  [status.UNAUTHENTICATED]: "invalid_request",
  [status.PERMISSION_DENIED]: "invalid_request",
};

/** A failed call as a store's error. */
export function storeErrorOf(error: ServiceError): ThreadStoreError {
  const [threadId] = error.metadata.get(ERROR_THREAD);
  const [operation] = error.metadata.get(ERROR_OPERATION);
  return new ThreadStoreError(CODE_OF[error.code] ?? "internal", error.details, {
    cause: error,
    ...(threadId === undefined ? {} : { threadId: String(threadId) }),
    ...(operation === undefined ? {} : { operation: String(operation) }),
  });
}

import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { ThreadStoreError, type ThreadStoreErrorCode } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import { CallRefused, type CallStatus, isCutOff, statusOf, storeErrorOf } from "./status.js";

const STATUS_OF: readonly (readonly [ThreadStoreErrorCode, keyof typeof status])[] = [
  ["thread_not_found", "NOT_FOUND"],
  ["unsupported", "UNIMPLEMENTED"],
  ["invalid_request", "INVALID_ARGUMENT"],
  ["conflict", "FAILED_PRECONDITION"],
  ["unavailable", "UNAVAILABLE"],
  ["resource_exhausted", "RESOURCE_EXHAUSTED"],
  ["internal", "INTERNAL"],
];

/** Every status of gRPC that a call can fail with. */
const CODE_OF: readonly (readonly [keyof typeof status, ThreadStoreErrorCode])[] = [
  ["CANCELLED", "unavailable"],
  ["UNKNOWN", "internal"],
  ["INVALID_ARGUMENT", "invalid_request"],
  ["DEADLINE_EXCEEDED", "unavailable"],
  ["NOT_FOUND", "thread_not_found"],
  ["ALREADY_EXISTS", "conflict"],
  ["PERMISSION_DENIED", "invalid_request"],
  ["RESOURCE_EXHAUSTED", "resource_exhausted"],
  ["FAILED_PRECONDITION", "conflict"],
  ["ABORTED", "conflict"],
  ["OUT_OF_RANGE", "internal"],
  ["UNIMPLEMENTED", "unsupported"],
  ["INTERNAL", "internal"],
  ["UNAVAILABLE", "unavailable"],
  ["DATA_LOSS", "internal"],
  ["UNAUTHENTICATED", "invalid_request"],
];

const THREAD_ID = "01900000-0000-7000-8000-000000000001";

/** What a client is given of a status. */
function received({ code, details, metadata = new Metadata() }: CallStatus): ServiceError {
  return Object.assign(new Error(`${code} ${status[code]}: ${details}`), { code, details, metadata });
}

function sentAndReceived(error: ThreadStoreError): ThreadStoreError {
  return storeErrorOf(received(statusOf(error)));
}

describe("the status of what a handler threw", () => {
  it.each(STATUS_OF)("%s of a store is %s, with its text and a word that the store gave it", (code, expected) => {
    const { metadata, ...told } = statusOf(new ThreadStoreError(code, "why it failed"));
    expect(told).toStrictEqual({ code: status[expected], details: "why it failed" });
    expect(metadata?.getMap()).toStrictEqual({ "threadstore-error": code });
  });

  it("names the thread and the operation that the error is about", () => {
    const about = { threadId: THREAD_ID, operation: "search" };
    expect(statusOf(new ThreadStoreError("unsupported", "", about)).metadata?.getMap()).toStrictEqual({
      "threadstore-error": "unsupported",
      "threadstore-thread": THREAD_ID,
      "threadstore-operation": "search",
    });
  });

  it("a call that was refused has the status that it was refused with, and no such word", () => {
    const refused = new CallRefused(status.PERMISSION_DENIED, "this token only reads");
    expect(statusOf(refused)).toStrictEqual({ code: status.PERMISSION_DENIED, details: "this token only reads" });
  });

  it.each([new Error("a secret"), "a secret", undefined, null, { code: 5, details: "a secret" }])(
    "what is no error of a store is INTERNAL and tells nothing of itself: %s",
    (thrown) => {
      expect(statusOf(thrown)).toStrictEqual({ code: status.INTERNAL, details: "the server failed" });
    },
  );
});

describe("a failed call as a store's error", () => {
  it.each(CODE_OF)("%s is %s, with its text and its cause", (name, code) => {
    const cause = received({ code: status[name], details: "why it failed" });
    const { code: found, message, cause: kept, threadId, operation } = storeErrorOf(cause);
    expect({ found, message, kept }).toStrictEqual({ found: code, message: "why it failed", kept: cause });
    expect({ threadId, operation }).toStrictEqual({ threadId: undefined, operation: undefined });
  });

  it.each(STATUS_OF)("%s comes back as it was sent", (sent) => {
    const { code, message, threadId, operation } = sentAndReceived(new ThreadStoreError(sent, "why it failed"));
    expect({ code, message, threadId, operation }).toStrictEqual({
      code: sent,
      message: "why it failed",
      threadId: undefined,
      operation: undefined,
    });
  });

  it.each([
    ["thread_not_found", { threadId: THREAD_ID, operation: undefined }],
    ["unsupported", { threadId: undefined, operation: "search" }],
  ] as const)("%s names what it named when it was sent", (code, about) => {
    const { threadId, operation } = sentAndReceived(
      new ThreadStoreError(code, "", {
        ...(about.threadId === undefined ? {} : { threadId: about.threadId }),
        ...(about.operation === undefined ? {} : { operation: about.operation }),
      }),
    );
    expect({ threadId, operation }).toStrictEqual(about);
  });
});

describe("a call is cut off", () => {
  /** A server that ends cancels its calls. */
  const CUT_OFF: readonly (keyof typeof status)[] = ["UNAVAILABLE", "CANCELLED"];

  it.each(CUT_OFF)("by %s, when no store said so", (name) => {
    expect(isCutOff(received({ code: status[name], details: "" }))).toBe(true);
  });

  it.each(STATUS_OF)("never when a store answered it with %s", (code) => {
    expect(isCutOff(received(statusOf(new ThreadStoreError(code, ""))))).toBe(false);
  });

  it.each(CODE_OF.map(([name]) => name).filter((name) => !CUT_OFF.includes(name)))("never by %s", (name) => {
    expect(isCutOff(received({ code: status[name], details: "" }))).toBe(false);
  });
});

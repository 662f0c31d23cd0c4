import type { Metadata } from "@grpc/grpc-js";
import { type AppendResult, parseInstant, ThreadStoreError } from "@threadstore/core";

/** What a client may say beside a call, and hears beside its answer: what the real Codex has no words for. docs/remote.md names them. */
export const HEADERS = {
  /** Request: items are wanted as they are stored. */
  whole: "threadstore-whole-items",
  /** Request: the largest answer that is taken, in bytes. */
  answerMaxBytes: "threadstore-answer-max-bytes",
  idempotencyKey: "threadstore-idempotency-key-bin",
  expectedOrdinal: "threadstore-expected-ordinal",
  updatedAt: "threadstore-updated-at",
  /** Answers of an append, a creation and a resumption. */
  firstOrdinal: "threadstore-first-ordinal",
  nextOrdinal: "threadstore-next-ordinal",
  dropped: "threadstore-dropped",
  repeated: "threadstore-repeated",
} as const;

/** What an append is asked to heed. */
interface AppendExtension {
  readonly idempotencyKey?: string;
  readonly expectedOrdinal?: number;
  readonly updatedAt?: string;
}

/** @throws `invalid_request` a header that cannot be read. */
export function readAppendExtension(metadata: Metadata): AppendExtension {
  const key = metadata.get(HEADERS.idempotencyKey)[0];
  const updatedAt = textOf(metadata, HEADERS.updatedAt);
  if (updatedAt !== undefined && parseInstant(updatedAt) === null) throw unreadable(HEADERS.updatedAt);
  const expectedOrdinal = numberOf(metadata, HEADERS.expectedOrdinal);
  return {
    ...(Buffer.isBuffer(key) ? { idempotencyKey: key.toString("utf8") } : {}),
    ...(expectedOrdinal === undefined ? {} : { expectedOrdinal }),
    ...(updatedAt === undefined ? {} : { updatedAt }),
  };
}

/** Says beside its answer what an append did. */
export function writeAppendResult(
  header: Metadata,
  { firstOrdinal, nextOrdinal, dropped, repeated }: AppendResult,
): void {
  if (firstOrdinal !== null) header.set(HEADERS.firstOrdinal, String(firstOrdinal));
  header.set(HEADERS.nextOrdinal, String(nextOrdinal));
  header.set(HEADERS.dropped, String(dropped));
  if (repeated) header.set(HEADERS.repeated, "1");
}

/** @throws `invalid_request` it is no whole number. */
export function numberOf(metadata: Metadata, name: string): number | undefined {
  const text = textOf(metadata, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw unreadable(name);
  return value;
}

function textOf(metadata: Metadata, name: string): string | undefined {
  const [value] = metadata.get(name);
  return typeof value === "string" ? value : undefined;
}

function unreadable(name: string): ThreadStoreError {
  return new ThreadStoreError("invalid_request", `the header ${name} cannot be read`);
}

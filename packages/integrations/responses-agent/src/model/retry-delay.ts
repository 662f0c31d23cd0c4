import { APIError } from "openai";

/** A provider that wants more patience than this is not heeded. */
const TOLD_MAX_MS = 60_000;

/** How long to wait before a request that failed is made again: as long as the provider says, else so many milliseconds. */
export function retryDelay(error: unknown, defaultMs: number): number {
  const headers = error instanceof APIError ? error.headers : undefined;
  const numberOf = (name: string) => Number.parseFloat(headers?.get(name) ?? "");
  const told = [numberOf("retry-after-ms"), 1_000 * numberOf("retry-after")];
  return told.find((ms) => ms >= 0 && ms <= TOLD_MAX_MS) ?? defaultMs;
}

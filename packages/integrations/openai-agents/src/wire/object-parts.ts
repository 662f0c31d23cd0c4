import { asJsonObject, type JsonObject } from "@threadstore/core";

/** The objects of a list; none when it is no list. */
export function objectParts(value: unknown): JsonObject[] {
  const parts: readonly unknown[] = Array.isArray(value) ? value : [];
  return parts.map(asJsonObject).filter((part) => part !== null);
}

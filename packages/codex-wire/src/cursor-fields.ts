import { asJsonObject, type JsonObject } from "@threadstore/core";

/** The fields of a cursor; none when its text is no JSON object. */
export function parseCursorFields(cursor: string): JsonObject {
  try {
    return asJsonObject(JSON.parse(cursor)) ?? {};
  } catch {
    return {};
  }
}

/** Whether a value counts something: a whole number from 0 on. */
export function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** A parsed JSON object whose fields are not trusted yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The value as an object, or null when it is an array, a scalar or absent. */
export function asJsonObject(value: unknown): JsonObject | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

/** The text of a field, or undefined when it is absent or something else. */
export function textField(object: JsonObject, key: string): string | undefined {
  const value = object[key];
  return typeof value === "string" ? value : undefined;
}

/** The text of a field, or undefined when it is absent, empty or something else. */
export function filledTextField(object: JsonObject, key: string): string | undefined {
  return textField(object, key) || undefined;
}

/** A whole number of 0 or more, or undefined. */
export function countField(object: JsonObject, key: string): number | undefined {
  const value = object[key];
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** The field as an object, or null. */
export function objectField(object: JsonObject, key: string): JsonObject | null {
  return asJsonObject(object[key]);
}

import { asJsonObject } from "@threadstore/core";

/** A copy whose fields, in any depth, are spelled as the Responses API spells them: `timeout_ms`. */
export function snakeKeys(value: unknown): unknown {
  return withKeys(value, (key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

/** A copy whose fields, in any depth, are spelled as the SDK spells them: `timeoutMs`. */
export function camelKeys(value: unknown): unknown {
  return withKeys(value, (key) => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
}

function withKeys(value: unknown, spell: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((part) => withKeys(part, spell));
  const fields = asJsonObject(value);
  if (fields === null) return value;
  return Object.fromEntries(Object.entries(fields).map(([key, part]) => [spell(key), withKeys(part, spell)]));
}

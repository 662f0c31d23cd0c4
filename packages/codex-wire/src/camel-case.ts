import { asJsonObject } from "@threadstore/core";

/** A word of rollouts (`spawn_agent`, `UserMessage`) as the API spells it (`spawnAgent`, `userMessage`). */
export function camelCase(word: string): string {
  const joined = word.replace(/_+([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
  return joined.charAt(0).toLowerCase() + joined.slice(1);
}

/** A value with the names of all its fields as the API spells them. */
export function camelCaseFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCaseFields);
  const fields = asJsonObject(value);
  if (fields === null) return value;
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [camelCase(key), camelCaseFields(field)]));
}

import { asJsonObject, type JsonObject } from "@threadstore/core";
import type { PlainItem } from "./plain-item.js";

/** What an item has beyond what its form in the Responses API says of it. Stands beside that form, in the rollout too. */
export interface KeptFields {
  /** Fields that read otherwise, or not at all, from that form. */
  readonly fields?: JsonObject;
  /** Fields that are read from that form, and the item does not have. */
  readonly without?: readonly string[];
}

/** What must be kept beside an item to get it back from what is read of it; undefined for nothing. */
export function keptFieldsOf(item: PlainItem, read: PlainItem): KeptFields | undefined {
  const fields = Object.fromEntries(Object.entries(item).filter(([key, value]) => !isSame(value, read[key])));
  const without = Object.keys(read).filter((key) => !Object.hasOwn(item, key));
  if (Object.keys(fields).length === 0 && without.length === 0) return undefined;
  return { ...(Object.keys(fields).length > 0 ? { fields } : {}), ...(without.length > 0 ? { without } : {}) };
}

/** The item again. */
export function withKeptFields(read: PlainItem, kept: unknown): PlainItem {
  const { fields, without } = asJsonObject(kept) ?? {};
  const left = Array.isArray(without) ? Object.entries(read).filter(([key]) => !without.includes(key)) : [];
  return { ...(Array.isArray(without) ? Object.fromEntries(left) : read), ...asJsonObject(fields) };
}

/** Whether two JSON values are the same; the order of fields does not count. */
function isSame(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((part, at) => isSame(part, other[at]));
  }
  const fields = asJsonObject(one);
  const others = asJsonObject(other);
  if (fields === null || others === null) return one === other;
  const keys = Object.keys(fields);
  return (
    keys.length === Object.keys(others).length &&
    keys.every((key) => Object.hasOwn(others, key) && isSame(fields[key], others[key]))
  );
}

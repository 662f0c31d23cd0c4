import { parseThreadId } from "../protocol/thread-id.js";
import type { ThreadPosition } from "../rules/thread-order.js";
import { invalidRequest } from "../store/errors.js";
import type { ListThreadsParams, SearchThreadsParams } from "../store/params.js";
import { decodeCursorFields, encodeCursorFields, hashText } from "./cursor-text.js";

const VERSION = "t1";

/** What a cursor of threads belongs to. */
type ThreadQueryParams = ListThreadsParams | SearchThreadsParams;

/** The cursor of a position in a list. It belongs to the list's sort key and filters, not to page size or direction. */
export function encodeThreadCursor(params: ThreadQueryParams, position: ThreadPosition): string {
  const fields = [VERSION, queryFingerprint(params), position.value, position.threadId, position.inclusive ? 1 : 0];
  return encodeCursorFields(fields);
}

/** The position a cursor stands for. @throws `invalid_request` not a cursor, or the cursor of another query. */
export function decodeThreadCursor(params: ThreadQueryParams, cursor: string): ThreadPosition {
  const fields = readFields(cursor);
  if (fields === null) throw invalidRequest(`invalid cursor: ${cursor.slice(0, 80)}`);
  if (fields.query !== queryFingerprint(params)) {
    throw invalidRequest("invalid cursor: it belongs to a list with another sort key or other filters");
  }
  return fields.position;
}

function readFields(cursor: string): { query: string; position: ThreadPosition } | null {
  const fields = decodeCursorFields(cursor);
  if (fields?.length !== 5 || fields[0] !== VERSION) return null;
  const [, query, value, id, inclusive] = fields;
  const threadId = typeof id === "string" ? parseThreadId(id) : null;
  if (typeof query !== "string" || typeof value !== "string" || threadId === null) return null;
  return { query, position: { value, threadId, inclusive: inclusive === 1 } };
}

/** Names a query by everything that changes which rows it has and in what order, as the caller gave it. */
function queryFingerprint(params: ThreadQueryParams): string {
  const told = Object.entries(params).filter(([name]) => !BESIDE_THE_ROWS.has(name));
  return hashText(canonicalJson(Object.fromEntries(told)));
}

/** What does not change which rows a query has, or in what order but its direction. */
const BESIDE_THE_ROWS: ReadonlySet<string> = new Set([
  "pageSize",
  "cursor",
  "sortDirection",
  "useIndexOnly",
  "scansMissing",
]);

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}

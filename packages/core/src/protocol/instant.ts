/** A point in time: RFC 3339, UTC, milliseconds, as in `2026-11-20T10:51:48.248Z`. Instants sort as text. */
export type Instant = string;

const RFC_3339 = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:?\d\d)$/;
const FILE_NAME = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)$/;

/** Formats milliseconds since 1970 as an instant; years outside 0000 to 9999 are clamped so that instants sort as text. */
export function instantFromMs(ms: number): Instant {
  const bounded = Math.min(Math.max(Math.trunc(ms), INSTANT_MIN_MS), INSTANT_MAX_MS);
  return new Date(bounded).toISOString();
}

const INSTANT_MIN_MS = Date.UTC(1970, 0, 1);
const INSTANT_MAX_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Milliseconds since 1970 of an instant made by this module. */
export function instantToMs(instant: Instant): number {
  return Date.parse(instant);
}

/**
 * Reads a recorded timestamp: RFC 3339 with any offset or fraction, or the file-name form `2026-11-20T10-51-48`, which
 * Codex reads as UTC. Returns null when the text is neither.
 */
export function parseInstant(text: string): Instant | null {
  if (text.length === 24 && text.charCodeAt(23) === 90 && !Number.isNaN(Date.parse(text))) return text;
  const fileName = FILE_NAME.exec(text);
  const iso = fileName ? `${fileName[1]}T${fileName[2]}:${fileName[3]}:${fileName[4]}Z` : text;
  if (!fileName && !RFC_3339.test(iso)) return null;
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? null : instantFromMs(ms);
}

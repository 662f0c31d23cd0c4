/** A point in time: RFC 3339, UTC, milliseconds, as in `2026-11-20T10:51:48.248Z`. Instants sort as text. */
export type Instant = string;

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const RFC_3339 = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:?\d\d)$/;
const FILE_NAME = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)$/;

const INSTANT_MIN_MS = Date.parse("0000-01-01T00:00:00.000Z");
const INSTANT_MAX_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Formats milliseconds since 1970 as an instant; years outside 0000 to 9999 are clamped so that instants sort as text. */
export function instantFromMs(ms: number): Instant {
  if (ms === formatted.ms) return formatted.instant;
  const instant = new Date(Math.min(Math.max(Math.trunc(ms), INSTANT_MIN_MS), INSTANT_MAX_MS)).toISOString();
  formatted = { ms, instant };
  return instant;
}

/** Many items are written in one millisecond: the last text serves them all. */
let formatted: { readonly ms: number; readonly instant: Instant } = { ms: Number.NaN, instant: "" };

/** Milliseconds since 1970 of an instant made by this module. */
export function instantToMs(instant: Instant): number {
  return Date.parse(instant);
}

/**
 * Reads a recorded timestamp: RFC 3339 with any offset or fraction, or the file-name form `2026-11-20T10-51-48`, which
 * Codex reads as UTC. Returns null when the text is neither, or names a day that there is not.
 */
export function parseInstant(text: string): Instant | null {
  if (INSTANT.test(text)) return isDay(text) && isTimeOfDay(text) ? text : null;
  const fileName = FILE_NAME.exec(text);
  if (fileName) return parseInstant(`${fileName[1]}T${fileName[2]}:${fileName[3]}:${fileName[4]}.000Z`);
  const [, day, time, fraction = "", offset] = RFC_3339.exec(text) ?? [];
  if (!day || !time || !offset || !isDay(day)) return null;
  const ms = Date.parse(`${day}T${time}${fraction.slice(0, 4)}${offset.toUpperCase()}`);
  return Number.isNaN(ms) ? null : instantFromMs(ms);
}

/** Date.parse takes the 30th of February for a day in March. */
function isDay(text: string): boolean {
  const month = text.slice(5, 7);
  const day = text.slice(8, 10);
  if (month < "01" || month > "12" || day === "00") return false;
  if (day <= "28") return true;
  const year = Number(text.slice(0, 4));
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return Number(day) <= (month === "02" ? (isLeapYear ? 29 : 28) : SHORT_MONTHS.has(month) ? 30 : 31);
}

const SHORT_MONTHS: ReadonlySet<string> = new Set(["04", "06", "09", "11"]);

/** Whether an instant's time of day is one; a day may also end at 24:00. */
function isTimeOfDay(instant: string): boolean {
  const time = instant.slice(11, 23);
  return (time < "24" && time.slice(3) < "60" && time.slice(6) < "60") || time === "24:00:00.000";
}

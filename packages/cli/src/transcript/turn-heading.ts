import { type Instant, instantFromMs, type StoredTurn } from "@threadstore/core";
import { formatDuration } from "../output/duration.js";
import { plainText } from "../output/plain-text.js";

/** What stands above a turn: its place in the thread, its id, when it began and how long it took. */
export function turnHeading({ turnId, startedAt, durationMs }: StoredTurn, number: number): string {
  const started = startedAt === undefined ? "" : toSecond(startedAt);
  const time = durationMs === undefined ? "" : formatDuration(durationMs);
  return [`turn ${number}`, plainText(turnId), started, time].filter(Boolean).join(" · ");
}

/** How a turn ended that did not simply complete; null for one that did. */
export function turnEnding({ status, error }: StoredTurn): string | null {
  const reason = [error?.message, error?.additionalDetails].filter(Boolean).join("\n");
  switch (status) {
    case "completed":
      return null;
    case "inProgress":
      return "the end of this turn is not recorded";
    case "interrupted":
    case "failed":
      return reason === "" ? status : `${status}: ${reason}`;
  }
}

/** Unix seconds as an instant. */
export function formatSeconds(seconds: number): string {
  return toSecond(instantFromMs(seconds * 1_000));
}

function toSecond(instant: Instant): string {
  return `${instant.slice(0, 19)}Z`;
}

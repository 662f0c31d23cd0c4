/** The payload of `event_msg`: something that happened in a turn. docs/rollout-format.md lists the kinds and fields. */
export interface EventMessage {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** What a user message starts with when an editor put context before it; the message is what follows. */
const USER_MESSAGE_BEGIN = "## My request for Codex:";

/** The visible text of a user message. */
export function visibleUserText(message: string): string {
  const marker = message.indexOf(USER_MESSAGE_BEGIN);
  return (marker < 0 ? message : message.slice(marker + USER_MESSAGE_BEGIN.length)).trim();
}

/** What stands at the beginning of a message in the user's role that no user wrote: what the harness tells the model. */
const HARNESS_MARKS = [
  "<environment_context>",
  "<user_instructions>",
  "# AGENTS.md instructions",
  "<turn_aborted>",
  "<user_shell_command>",
  "<skill>",
  "<subagent_notification>",
];

/** Whether a message in the user's role was written by the harness, and by no user. */
export function isHarnessText(text: string): boolean {
  const start = text.trimStart();
  return HARNESS_MARKS.some((mark) => start.startsWith(mark));
}

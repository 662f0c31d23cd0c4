/** What the exit codes of every command mean. */
export const ExitCode = { ok: 0, failure: 1, usage: 2, notFound: 3, conflict: 4 } as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The payload of `turn_context`: the settings a turn ran with. */
export interface TurnContext {
  readonly turn_id?: string;
  readonly cwd?: string;
  readonly approval_policy?: unknown;
  readonly sandbox_policy?: unknown;
  readonly permission_profile?: unknown;
  readonly model?: string;
  readonly effort?: string | null;
  readonly [field: string]: unknown;
}

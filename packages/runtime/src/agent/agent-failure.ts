/** Thrown by an agent whose turn failed, when it knows what kind of failure it was. */
export class AgentFailure extends Error {
  override readonly name = "AgentFailure";
  /** Codex's own kind of error, such as `usage_limit_exceeded` or `{"http_connection_failed":{"http_status_code":500}}`. */
  readonly codexErrorInfo: unknown;

  constructor(
    message: string,
    { codexErrorInfo, cause }: { readonly codexErrorInfo: unknown; readonly cause?: unknown },
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.codexErrorInfo = codexErrorInfo;
  }
}

/** Whether an agent told what kind of failure it was. Works across copies of this package. */
export function isAgentFailure(error: unknown): error is AgentFailure {
  return error instanceof Error && error.name === "AgentFailure";
}

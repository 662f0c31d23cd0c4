/**
 * What a person sees in a turn, in the form in which paginated rollouts record it: `type` in Pascal case (`UserMessage`,
 * `CommandExecution`), the other fields in snake case, verbatim. Items of legacy threads are put into the same form.
 */
export interface TurnItem {
  readonly type: string;
  readonly id: string;
  readonly [field: string]: unknown;
}

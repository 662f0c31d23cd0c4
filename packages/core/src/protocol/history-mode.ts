/**
 * How the lines of a rollout are recorded: `paginated` lines carry an ordinal and whole turn items, `legacy` lines are
 * told apart by their position and carry separate events.
 */
export type HistoryMode = "paginated" | "legacy";

/** The two policies of the first design; used only when a caller asks for one, else the history mode picks the policy. */
export type EventPersistenceMode = "limited" | "extended";

/** Which items are durable: picked by the history mode, or by a mode of the first design when a caller asks for one. */
export type PersistencePolicy = HistoryMode | EventPersistenceMode;

/** A recorded history mode; absent or unknown reads as legacy, because ordinals may not be relied on then. */
export function historyModeOf(recorded: unknown): HistoryMode {
  return recorded === "paginated" ? "paginated" : "legacy";
}

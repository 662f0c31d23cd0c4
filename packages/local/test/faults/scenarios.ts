import { HISTORY_SCENARIOS } from "./history-scenarios.js";
import { LOG_SCENARIOS } from "./log-scenarios.js";
import type { Scenario } from "./scenario.js";
import { THREAD_SCENARIOS } from "./thread-scenarios.js";

/** Every way in which the local store writes. A new one is a row more in one of the tables. */
export const SCENARIOS: readonly Scenario[] = [...HISTORY_SCENARIOS, ...LOG_SCENARIOS, ...THREAD_SCENARIOS];

import { describe, it } from "vitest";
import { checkThreadStore } from "./check-thread-store.js";
import { memoryHarness } from "./memory-harness.js";

checkThreadStore(memoryHarness, { describe, it });

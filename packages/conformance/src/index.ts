export type { Case, CaseContext, Section } from "./case.js";
export { ChangeReader } from "./change-reader.js";
export { checkThreadStore, type TestRunner } from "./check-thread-store.js";
export { exportThreads } from "./export-threads.js";
export type { OpenOptions, SeedThread, StoreHarness, StoreUnderTest } from "./harness.js";
export { type ManifestEntry, STORE_MANIFEST } from "./manifest.js";
export { ManualClock } from "./manual-clock.js";
export { memoryHarness } from "./memory-harness.js";
export { REQUIREMENTS, type RequirementId } from "./requirements.js";

export { encodeThreadCursor } from "./driver/cursor-codec.js";
export { encodeOccurrenceCursor, type OccurrencePlace, type OccurrenceScope } from "./driver/occurrence-cursor.js";
export { encodeOrdinalCursor, type OrdinalPosition, type OrdinalScope } from "./driver/ordinal-cursor.js";
export { LiveThreadInitGuard } from "./live/init-guard.js";
export {
  type AppendProtection,
  type ExpectedRevision,
  LiveThread,
  type LiveThreadOptions,
  type ResumeLiveThreadParams,
} from "./live/live-thread.js";
export type { ThreadRecorder } from "./live/thread-recorder.js";
export {
  MemoryThreadStore,
  type MemoryThreadStoreOptions,
  openMemoryThreadStore,
} from "./memory/memory-thread-store.js";
export { type Clock, type IdSource, newThreadId, systemClock, systemIds } from "./protocol/clock.js";
export { type EventMessage, visibleUserText } from "./protocol/event-message.js";
export { isHarnessText } from "./protocol/harness-text.js";
export type { EventPersistenceMode, HistoryMode, PersistencePolicy } from "./protocol/history-mode.js";
export { type Instant, instantFromMs, instantToMs, parseInstant } from "./protocol/instant.js";
export { asJsonObject, type JsonObject, objectField, textField } from "./protocol/json-value.js";
export type { ResponseItem, ResponseItemKind } from "./protocol/response-item.js";
export {
  type AppendedItem,
  type Compacted,
  type ItemInput,
  type KnownRolloutItem,
  type OpaqueItemKind,
  type RolloutItem,
  type StoredItem,
  storedItem,
} from "./protocol/rollout-item.js";
export {
  formatRolloutLine,
  type RolloutLine,
  type RolloutRecord,
  readRolloutLine,
  readRolloutRecord,
} from "./protocol/rollout-line.js";
export type { HistoryBase, SessionMeta } from "./protocol/session-meta.js";
export {
  readSessionSource,
  rolloutSpellingOf,
  type SessionSource,
  SOURCE_KINDS,
  type SourceKind,
  sourceKindOf,
  type ThreadSpawn,
  threadSpawnOf,
} from "./protocol/session-source.js";
export { parseThreadId, type ThreadId } from "./protocol/thread-id.js";
export type { TurnContext } from "./protocol/turn-context.js";
export type { TurnItem } from "./protocol/turn-item.js";
export { applyPersistencePolicy } from "./rules/persistence-policy.js";
export type { ThreadPosition } from "./rules/thread-order.js";
export { isThreadStoreError, ThreadStoreError, type ThreadStoreErrorCode } from "./store/errors.js";
export { DEFAULT_LIMITS, type StoreLimits } from "./store/limits.js";
export {
  type Clearable,
  type GitInfoPatch,
  isEmptyPatch,
  mergePatches,
  type ThreadMetadataPatch,
} from "./store/metadata-patch.js";
export { appendToStoredThread, setThreadName } from "./store/named-operations.js";
export type * from "./store/params.js";
export type * from "./store/records.js";
export type { StoreCapability, StoreDescription, ThreadStore, ThreadStoreProvider } from "./store/thread-store.js";

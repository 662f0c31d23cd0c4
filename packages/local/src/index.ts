export type { BackupTally } from "./care/backup/backup-run.js";
export type { LeftOut } from "./care/backup/manifest.js";
export { type BackupOptions, type BackupResult, backupHome } from "./care/backup-home.js";
export {
  type EmptiedTrash,
  type EmptyTrashOptions,
  type EmptyTrashResult,
  emptyTrash,
} from "./care/empty-trash.js";
export type { FindingPlace, HomeFinding } from "./care/examination/finding.js";
export type { FindingType } from "./care/examination/finding-table.js";
export { type ExamineOptions, examineHome, type HomeExamination } from "./care/examine-home.js";
export type { HomeTurns } from "./care/index-home-turns.js";
export type { BytesByKind, WeightKind } from "./care/line-weight.js";
export {
  type DiskBytes,
  type FileCounts,
  type HomeMeasure,
  type MeasureOptions,
  measureHome,
  type ThreadCounts,
  type ThreadWeight,
} from "./care/measure-home.js";
export type { KeptThread, PruneCandidate, PruneCriteria } from "./care/prune/select-threads.js";
export { type PruneOptions, type PruneResult, pruneHome } from "./care/prune-home.js";
export { type ReindexOptions, type ReindexResult, reindexHome } from "./care/reindex-home.js";
export type { MendedChanges } from "./care/repair/mend-rollout.js";
export {
  type MendedRollout,
  type RepairOptions,
  type RepairResult,
  repairHome,
} from "./care/repair-home.js";
export { type RestoreOptions, type RestoreResult, restoreHome } from "./care/restore-home.js";
export { type UndoPruneOptions, type UndoPruneResult, undoPrune } from "./care/undo-prune.js";
export { type BackupVerification, type VerifyOptions, verifyBackup } from "./care/verify-backup.js";
export type { DirectoryEntry, FileStatus, FileSystem, OpenFile } from "./file-system/file-system.js";
export { nodeFileSystem } from "./file-system/node-file-system.js";
export type { LocalHomeOptions } from "./local-home.js";
export { type LocalThreadStoreOptions, openLocalThreadStore } from "./local-thread-store.js";

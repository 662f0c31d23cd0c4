export { examineHome, type HomeExamination, type HomeFinding } from "./care/examine-home.js";
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
export { type ReindexOptions, type ReindexResult, reindexHome } from "./care/reindex-home.js";
export type { DirectoryEntry, FileStatus, FileSystem, OpenFile } from "./file-system/file-system.js";
export { nodeFileSystem } from "./file-system/node-file-system.js";
export type { LocalHomeOptions } from "./local-home.js";
export { type LocalThreadStoreOptions, openLocalThreadStore } from "./local-thread-store.js";

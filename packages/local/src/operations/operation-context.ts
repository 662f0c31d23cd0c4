import type { FileSystem } from "../file-system/file-system.js";
import type { ThreadIndex } from "../index/thread-index.js";

/** What the operations of a local store work with. */
export interface OperationContext {
  /** The home, without links and without a slash at its end. */
  readonly home: string;
  readonly files: FileSystem;
  readonly index: ThreadIndex;
}

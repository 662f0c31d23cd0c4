import type { FileSystem } from "../file-system/file-system.js";
import type { IndexDatabase } from "./index-database.js";

/** What work on the index of a home needs. */
export interface IndexContext {
  readonly files: FileSystem;
  readonly home: string;
  readonly index: IndexDatabase;
}

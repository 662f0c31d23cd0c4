import type { ThreadStore } from "@threadstore/core";
import { defineThreadStore } from "@threadstore/core/driver";
import { type LocalHomeOptions, openLocalHome } from "../../src/local-home.js";
import { LocalThreadStoreDriver } from "../../src/local-thread-store-driver.js";
import { CommitLog } from "../../src/log/commit-log.js";
import { SIMULATED_ENVIRONMENT, SIMULATED_HOME } from "./simulated-disk.js";

/** Two flushes of three threads at once, about: a log is emptied and used again while a scenario lasts. */
const LOG_FILE_MAX_BYTES = 2_000;

/** A store on a simulated disk, whose log is full much sooner than others. */
export function openSimulatedStore(options: Required<Pick<LocalHomeOptions, "files" | "clock" | "ids">>): ThreadStore {
  const home = openLocalHome({ home: SIMULATED_HOME, environment: SIMULATED_ENVIRONMENT, ...options });
  const log = new CommitLog({ ...home, fileMaxBytes: LOG_FILE_MAX_BYTES });
  return defineThreadStore(new LocalThreadStoreDriver({ ...home, log }));
}

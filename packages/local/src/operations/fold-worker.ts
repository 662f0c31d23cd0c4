import { workerData } from "node:worker_threads";
import { openLocalHome } from "../local-home.js";
import type { FoldOrder } from "../turns/background-folds.js";
import { indexTurns } from "./index-turns.js";

// What a worker of BackgroundFolds runs.
const { home: path, threadId, environment } = workerData as FoldOrder;
const home = openLocalHome({ home: path, environment });
try {
  await indexTurns(home, { threadId, includeArchived: true });
} finally {
  home.index.close();
}

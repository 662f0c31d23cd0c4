import { parentPort, workerData } from "node:worker_threads";
import { openLocalHome } from "../local-home.js";
import type { FoldAnswer, FoldOrder, FoldWorkerData } from "../turns/fold-worker.js";
import { indexTurns } from "./index-turns.js";

// What a FoldWorker runs.
const { home: path, environment } = workerData as FoldWorkerData;
const home = openLocalHome({ home: path, environment });

parentPort?.on("message", async ({ threadIds }: FoldOrder) => {
  if (threadIds === null) {
    home.index.close();
    parentPort?.close();
    return;
  }
  const failed = await indexTurns(home, threadIds).catch(() => threadIds);
  parentPort?.postMessage({ failed } satisfies FoldAnswer);
});

import { parentPort, workerData } from "node:worker_threads";
import { openLocalHome } from "../local-home.js";
import type { FoldAnswer, FoldOrder, FoldWorkerData } from "../turns/fold-worker.js";
import { indexTurns } from "./index-turns.js";

// What a FoldWorker runs.
const { home: path, environment } = workerData as FoldWorkerData;
const home = openLocalHome({ home: path, environment });

parentPort?.on("message", async ({ threadId }: FoldOrder) => {
  if (threadId === null) {
    home.index.close();
    parentPort?.close();
    return;
  }
  const isDone = await indexTurns(home, { threadId }).then(
    () => true,
    () => false,
  );
  parentPort?.postMessage({ isDone } satisfies FoldAnswer);
});

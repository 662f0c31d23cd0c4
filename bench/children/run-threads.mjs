// Starts threads under a manager, runs turns in them, leaves them idle, and shuts them down.
import { ThreadManager } from "@threadstore/runtime";
import { measureThreads } from "../runtime/measure-threads.mjs";
import { AGENT, ANSWER, QUESTION } from "../runtime/turn-texts.mjs";

const [medium, threads] = process.argv.slice(2);

await measureThreads({ medium, threads: Number(threads) }, (store) => {
  const agent = {
    async *runTurn() {
      yield { type: "message", id: "msg", text: ANSWER };
    },
  };
  const manager = new ThreadManager({ store, agent, ...AGENT });
  return {
    start: async () => {
      const thread = await manager.startThread();
      await thread.runTurn(QUESTION);
      return thread;
    },
    turn: (thread) => thread.runTurn(QUESTION),
    shutdown: () => manager.shutdownAll(),
  };
});

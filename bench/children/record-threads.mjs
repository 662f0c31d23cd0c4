// Records the turns that run-threads.mjs runs, with live threads and nothing above them.
import { LiveThread, newThreadId } from "@threadstore/core";
import { TurnRecorder } from "@threadstore/runtime";
import { measureThreads } from "../runtime/measure-threads.mjs";
import { AGENT, ANSWER, QUESTION } from "../runtime/turn-texts.mjs";

const [medium, threads] = process.argv.slice(2);

await measureThreads({ medium, threads: Number(threads) }, (store) => {
  const { settings, originator, version: cliVersion } = AGENT;
  const metadata = { cwd: settings.cwd, originator, cliVersion, source: "exec", modelProvider: settings.modelProvider };
  const recorders = [];
  const turn = async (recorder) => {
    const recorded = new TurnRecorder({ recorder, historyMode: "paginated", settings });
    await recorded.start([{ type: "text", text: QUESTION }]);
    await recorded.agentMessage({ id: "msg", text: ANSWER });
    await recorded.complete();
  };
  return {
    start: async () => {
      const recorder = await LiveThread.create(store, { threadId: newThreadId(), metadata });
      recorders.push(recorder);
      await turn(recorder);
      return recorder;
    },
    turn,
    shutdown: async () => {
      await Promise.all(recorders.map((recorder) => recorder.shutdown()));
      recorders.length = 0;
    },
  };
});

// Times calls through one client of a server, whose port is an argument, or on a store of this process. A question says what
// is called, and how many callers do.
import { openRemoteThreadStore } from "@threadstore/remote";
import { answerQuestions } from "../measure/answer-questions.mjs";
import { timeCallers } from "../measure/time-callers.mjs";
import { CALLERS, openBenchStore } from "../remote/bench-threads.mjs";

const [where, group] = process.argv.slice(2);
const isServed = /^\d+$/.test(where);
const store = isServed
  ? openRemoteThreadStore({ protocol: "codex.v1", endpoint: `grpc://127.0.0.1:${where}` })
  : await openBenchStore({ where, isListed: group === "lists" });
const callers = {};
await answerQuestions({}, async ({ work, count }) => {
  callers[work] ??= [];
  while (callers[work].length < count) callers[work].push(await CALLERS[work](store, { hasKeys: !isServed }));
  return timeCallers(callers[work].slice(0, count));
});
await store[Symbol.asyncDispose]();

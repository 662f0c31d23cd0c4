// Goes on with a thread whose turns are indexed: appends turns, and after each asks for the last turns of the thread, which
// must hold it already. Prints what the opening of the writer took, and the median times of an append and of a page.
import { newThreadId } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import { median } from "../measure/median.mjs";
import { peakMemoryMb } from "../measure/peak-memory.mjs";

/** The first rounds run before the compiler of the engine has looked at the code. */
const WARM_UP_ROUNDS = 20;
const ROUNDS = 100;

const [home, threadId] = process.argv.slice(2);
const store = openLocalThreadStore({ home });
await store.listTurns({ threadId, pageSize: 20 });
const { timeMs: openMs } = await timeOf(() => store.resumeThread({ threadId }));
const times = { append: [], page: [] };
for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
  const turnId = newThreadId();
  const append = await timeOf(() => store.appendItems({ threadId, items: turnOf(turnId) }));
  const page = await timeOf(() => store.listTurns({ threadId, pageSize: 20 }));
  if (page.answer.data[0]?.turnId !== turnId)
    throw new Error(`the page lacks turn ${turnId}, which was appended before`);
  times.append.push(append.timeMs);
  times.page.push(page.timeMs);
}
await store.shutdownThread(threadId);
await store[Symbol.asyncDispose]();
const [appendMs, pageMs] = [times.append, times.page].map((values) => median(values.slice(WARM_UP_ROUNDS)));
console.log(JSON.stringify({ openMs, appendMs, pageMs, memoryMb: peakMemoryMb() }));

async function timeOf(work) {
  const startedMs = performance.now();
  const answer = await work();
  return { answer, timeMs: performance.now() - startedMs };
}

/** A turn of a question and an answer. */
function turnOf(turnId) {
  const completed = (item) => ({ type: "item_completed", thread_id: threadId, turn_id: turnId, item });
  const payloads = [
    { type: "task_started", turn_id: turnId },
    completed({ type: "UserMessage", id: newThreadId(), content: [{ type: "text", text: "A question. ".repeat(5) }] }),
    completed({ type: "AgentMessage", id: newThreadId(), content: [{ type: "Text", text: "An answer. ".repeat(50) }] }),
    { type: "task_complete", turn_id: turnId },
  ];
  return payloads.map((payload) => ({ json: JSON.stringify({ type: "event_msg", payload }) }));
}

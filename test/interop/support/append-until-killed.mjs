// Resumes a thread and appends turns to it for ever: first short ones, then such as take long to write. It prints the
// number of a turn and the ordinal after it when the turn is acknowledged.
import { randomUUID } from "node:crypto";
import { openLocalThreadStore } from "@threadstore/local";

const LONG_ANSWER_CHARACTERS = 8_000_000;

const [home, threadId, shortTurns] = process.argv.slice(2);
const store = openLocalThreadStore({ home });
await store.resumeThread({ threadId });
for (let number = 1; ; number += 1) {
  const { nextOrdinal } = await store.appendItems({ threadId, items: makeTurn(number) });
  process.stdout.write(`${number} ${nextOrdinal}\n`);
}

function makeTurn(number) {
  const turn_id = randomUUID();
  const completed = (item) => event({ type: "item_completed", thread_id: threadId, turn_id, item });
  const text = `number ${number}`;
  const answer = `Answer to: ${text}`.padEnd(number > shortTurns ? LONG_ANSWER_CHARACTERS : 0, ".");
  return [
    event({ type: "task_started", turn_id }),
    message({ role: "user", content: [{ type: "input_text", text }] }),
    completed({ type: "UserMessage", id: randomUUID(), content: [{ type: "text", text }] }),
    completed({ type: "AgentMessage", id: randomUUID(), content: [{ type: "Text", text: answer }] }),
    message({ role: "assistant", content: [{ type: "output_text", text: `Answer to: ${text}` }] }),
    event({ type: "task_complete", turn_id, last_agent_message: `Answer to: ${text}` }),
  ];
}

function event(payload) {
  return { type: "event_msg", payload };
}

function message(payload) {
  return { type: "response_item", payload: { type: "message", ...payload } };
}

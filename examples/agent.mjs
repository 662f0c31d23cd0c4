// An agent that remembers what was said: OPENAI_API_KEY=... node examples/agent.mjs HOME "My name is Ada."
// and then, in another process: node examples/agent.mjs HOME "What is my name?"
import { openLocalThreadStore } from "@threadstore/local";
import { responsesAgent } from "@threadstore/responses-agent";
import { ThreadManager } from "@threadstore/runtime";

const NAME = "assistant";
const [home = "agent-home", question = "Hello!"] = process.argv.slice(2);

const clock = {
  name: "now",
  description: "The time.",
  parameters: { type: "object", properties: {} },
  run: () => new Date().toISOString(),
};
const store = openLocalThreadStore({ home });
const manager = new ThreadManager({
  store,
  agent: responsesAgent({ tools: [clock], instructions: "You are a helpful assistant." }),
  settings: { cwd: process.cwd(), model: process.env.OPENAI_MODEL ?? "gpt-5", modelProvider: "openai" },
  originator: "agent-example",
  version: "1.0.0",
});

const stored = await store.findThreadByName({ name: NAME, sources: "all", modelProviders: [] });
const thread = stored ? await manager.resumeThread(stored) : await manager.startThread();
const { lastMessage, error } = await thread.runTurn(question);
if (!stored) await thread.submit({ type: "name", name: NAME });
console.log(lastMessage ?? error?.message);
await manager.shutdownAll();
await store[Symbol.asyncDispose]();

// An agent that gives parts of its work to others: each is a thread of its own, below that of the agent.
import { openMemoryThreadStore } from "@threadstore/core";
import { ThreadManager } from "@threadstore/runtime";

const CITIES = ["Oslo", "Lima", "Kyoto"];

/** Splits its work among sub-agents and puts together what they say. */
const leader = {
  async *runTurn(turn) {
    const children = await Promise.all(CITIES.map((city) => ask(turn, city)));
    const answers = await Promise.all(children.map((child) => child.untilIdle()));
    yield { type: "message", id: turn.turnId, text: answers.map(({ lastMessage }) => lastMessage).join(" ") };
  },
};

const worker = {
  async *runTurn({ turnId, input }) {
    yield { type: "message", id: turnId, text: `${input[0].text}: sunny.` };
  },
};

const store = openMemoryThreadStore();
const manager = new ThreadManager({
  store,
  agent: (thread) => (thread.agentRole === "forecaster" ? worker : leader),
  settings: { cwd: process.cwd(), model: "none", modelProvider: "none" },
  originator: "sub-agents-example",
  version: "1.0.0",
});

/** A sub-agent whose first turn has begun; the turn belongs to the one that asked. */
function ask({ threadId, rootTurnId }, city) {
  return manager.spawnChild({
    parentThreadId: threadId,
    rootTurnId,
    role: "forecaster",
    taskName: city.toLowerCase(),
    input: [{ type: "text", text: city }],
  });
}

const thread = await manager.startThread();
console.log((await thread.runTurn("What is the weather?")).lastMessage);
for (const { childThreadId } of await store.listThreadSpawnEdges({ threadId: thread.threadId })) {
  const { agentPath, agentRole, preview } = await store.readThread({ threadId: childThreadId });
  console.log(`${agentPath} (${agentRole}): ${preview}`);
}
await manager.shutdownAll();
await store[Symbol.asyncDispose]();

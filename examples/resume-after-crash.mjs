// A process dies in the middle of a turn; another one goes on with the thread. Nothing that was told is lost.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openLocalThreadStore } from "@threadstore/local";
import { ThreadManager } from "@threadstore/runtime";

/** Says half of what it has to say, then kills its process. */
const dyingAgent = {
  async *runTurn() {
    yield { type: "message", id: "msg_1", text: "I am looking into it." };
    yield { type: "functionCall", callId: "call_1", name: "look", args: "{}" };
    process.kill(process.pid, "SIGKILL");
  },
};

/** Tells what its model would be told of the thread. */
const survivingAgent = {
  async *runTurn(turn) {
    const told = (await turn.history()).map(({ type, role, output }) => role ?? output ?? type);
    yield { type: "message", id: "msg_2", text: `I am told: ${told.join(", ")}.` };
  },
};

async function managerOf(home, agent) {
  const store = openLocalThreadStore({ home });
  const settings = { cwd: process.cwd(), model: "none", modelProvider: "none" };
  const manager = new ThreadManager({ store, agent, settings, originator: "crash-example", version: "1.0.0" });
  return { store, manager };
}

async function dieInMidTurn(home) {
  const { manager } = await managerOf(home, dyingAgent);
  const thread = await manager.startThread();
  await thread.runTurn("What is wrong with the build?");
}

async function goOn(home) {
  const { store, manager } = await managerOf(home, survivingAgent);
  const { data } = await store.listThreads({ sources: "all", modelProviders: [] });
  const thread = await manager.resumeThread(data[0]);
  const { lastMessage } = await thread.runTurn("Go on, please.");
  const turns = await store.listTurns({ threadId: thread.threadId, sortDirection: "asc" });
  console.log(turns.data.map(({ status }) => status).join(", "));
  console.log(lastMessage);
  await manager.shutdownAll();
  await store[Symbol.asyncDispose]();
}

const [home] = process.argv.slice(2);
if (home) await dieInMidTurn(home);
else {
  const folder = mkdtempSync(join(tmpdir(), "threadstore-crash-"));
  try {
    const { signal } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), folder], { stdio: "inherit" });
    console.log(`The first process ended with ${signal}.`);
    await goOn(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { AskedChild } from "../measure/asked-child.mjs";
import { ServedPair } from "./served-pair.mjs";

const WARM_UP_ROUNDS = 2;

/**
 * Takes one sample of everything. Resolves to `{ served, alone }`: figures of calls of servers by work, by medium or `echo`, and
 * by the number of callers; and times of calls in process by work and medium.
 */
export async function measureServed({ folder, sizes, works, counts }) {
  const served = {};
  const echo = await ServedPair.startEcho(Object.values(sizes));
  try {
    // A list in memory takes longer the more was appended, so lists have servers of their own.
    for (const group of ["appends", "lists"]) {
      const inGroup = works.filter((work) => work.group === group);
      await measureGroup(served, { works: inGroup, homeOf: () => homeOf(group, folder), sizes, counts, echo });
    }
  } finally {
    await echo.close();
  }
  return { served, alone: await measureAlone({ folder, works }) };
}

async function measureGroup(served, { works, homeOf, sizes, counts, echo }) {
  const [{ group }] = works;
  const pairs = {};
  try {
    pairs.memory = await ServedPair.startThreads("memory", group);
    pairs.local = await ServedPair.startThreads(homeOf(), group);
    const tasks = tasksOf(works, { pairs: { ...pairs, echo }, sizes });
    const most = Math.max(...counts);
    // All callers are there before anything is measured, and the compiler of the engine has looked at the code.
    for (let round = 0; round < WARM_UP_ROUNDS; round++) {
      for (const { pair, question } of tasks) await pair.measure({ ...question, count: most });
    }
    for (const count of counts) {
      for (const { work, medium, pair, question } of tasks) {
        served[work] ??= {};
        served[work][medium] ??= {};
        served[work][medium][count] = await pair.measure({ ...question, count });
      }
    }
  } finally {
    await Promise.all(Object.values(pairs).map((pair) => pair.close()));
  }
}

/** Ours and the echoes that they stand beside. */
function tasksOf(works, { pairs, sizes }) {
  const ours = works.map(({ work, medium }) => ({ work, medium, pair: pairs[medium], question: { work } }));
  const echoes = new Set(works.map((work) => work.echo));
  return [...ours, ...[...echoes].map((work) => ({ work, medium: "echo", pair: pairs.echo, question: sizes[work] }))];
}

/** The same calls of one caller, without a server. */
async function measureAlone({ folder, works }) {
  const alone = {};
  for (const { group, work, medium } of works) {
    const where = medium === "memory" ? medium : homeOf(group, folder);
    const child = await AskedChild.start("call-threads.mjs", [where, group]);
    try {
      const question = { work, count: 1 };
      await child.ask(question);
      const { elapsedUs, calls } = await child.ask(question);
      alone[work] ??= {};
      alone[work][medium] = { callUs: elapsedUs / calls };
    } finally {
      await child.close();
    }
  }
  return alone;
}

/** Threads that are listed stay as they are; appends begin in a new home. */
function homeOf(group, folder) {
  return group === "lists" ? join(folder, group) : mkdtempSync(join(folder, group));
}

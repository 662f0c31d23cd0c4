import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openMemoryThreadStore } from "@threadstore/core";

/** Threads that work at the same time. */
const AT_ONCE = 64;
const SETTLING_MS = 500;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

/**
 * Prints what threads cost in this process: their first turns, another turn each, what one holds while it is idle, shutting them
 * down, and what is left then. `work(store)` says how a thread is started (with a turn), how one more turn is run, and how all are
 * shut down.
 */
export async function measureThreads({ medium, threads }, work) {
  const folder = mkdtempSync(join(process.env.THREADSTORE_BENCH_FOLDER ?? tmpdir(), "threadstore-runtime-"));
  try {
    console.log("{}");
    const store = await openStore(medium, folder);
    const { start, turn, shutdown } = work(store);
    // What is loaded and compiled with the first threads is not theirs.
    for (let warmUp = 0; warmUp < AT_ONCE; warmUp++) await start();
    const before = held();
    const started = [];
    const turnUs = await timed(threads, async () => void started.push(await start()));
    const idleKb = (held().kb - before.kb) / threads;
    const nextTurnUs = await timed(threads, (at) => turn(started[at]));
    const startedMs = performance.now();
    await shutdown();
    const shutdownUs = ((performance.now() - startedMs) * 1_000) / (threads + AT_ONCE);
    started.length = 0;
    await store[Symbol.asyncDispose]();
    // What was asked of the system and is done with is let go of a moment later.
    await setTimeout(SETTLING_MS);
    const after = held();
    const left = { leftKb: (after.kb - before.kb) / threads, filesLeft: Math.max(0, after.files - before.files) };
    console.log(JSON.stringify({ turnUs, nextTurnUs, idleKb, shutdownUs, ...left }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function openStore(medium, home) {
  if (medium === "memory") return openMemoryThreadStore();
  const { openLocalThreadStore } = await import("@threadstore/local");
  return openLocalThreadStore({ home });
}

/** Microseconds each, with as many at the same time as may be. */
async function timed(count, work) {
  const startedMs = performance.now();
  let next = 0;
  const loop = async () => {
    for (let at = next++; at < count; at = next++) await work(at);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, loop));
  return ((performance.now() - startedMs) * 1_000) / count;
}

/** What this process holds: memory in KB of 1,000 bytes, and open files. */
function held() {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return { kb: (heapUsed + external) / 1_000, files: openFiles() };
}

function openFiles() {
  return process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0;
}

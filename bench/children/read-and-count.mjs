// Baseline: reads every byte of the rollouts that are named, or of every rollout of a home, and counts the newlines, which
// is the least that a look at all lines costs.
import { closeSync, openSync, readSync } from "node:fs";
import { peakMemoryMb } from "../measure/peak-memory.mjs";
import { rolloutsNamed } from "./rollout-files.mjs";

const NEWLINE = 10;
const buffer = Buffer.allocUnsafe(1024 * 1024);

const startedMs = performance.now();
const lines = rolloutsNamed(process.argv.slice(2)).reduce((sum, file) => sum + countLines(file), 0);
const timeMs = performance.now() - startedMs;
console.log(JSON.stringify({ timeMs, lines, memoryMb: peakMemoryMb() }));

function countLines(file) {
  const fd = openSync(file, "r");
  let count = 0;
  for (let size = readSync(fd, buffer); size > 0; size = readSync(fd, buffer)) {
    const block = buffer.subarray(0, size);
    for (let at = block.indexOf(NEWLINE); at >= 0; at = block.indexOf(NEWLINE, at + 1)) count++;
  }
  closeSync(fd);
  return count;
}

// Baseline: reads every byte of the rollouts that are named, or of every rollout of a home, and parses each line, which is
// what a program does that has no index. Compressed rollouts are left out: they are a few small ones.
import { closeSync, openSync, readSync } from "node:fs";
import { peakMemoryMb } from "../measure/peak-memory.mjs";
import { rolloutsNamed } from "./rollout-files.mjs";

const NEWLINE = 10;
const BLOCK_BYTES = 1024 * 1024;
/** Grows when a line is longer. */
let buffer = Buffer.allocUnsafe(2 * BLOCK_BYTES);
let lines = 0;
let bytes = 0;

const startedMs = performance.now();
for (const file of rolloutsNamed(process.argv.slice(2))) if (file.endsWith(".jsonl")) parseLines(file);
const timeMs = performance.now() - startedMs;
console.log(JSON.stringify({ timeMs, lines, bytes, memoryMb: peakMemoryMb() }));

function parseLines(file) {
  const fd = openSync(file, "r");
  let rest = 0;
  for (;;) {
    if (buffer.length < rest + BLOCK_BYTES) buffer = Buffer.concat([buffer], 2 * buffer.length);
    const size = readSync(fd, buffer, rest, BLOCK_BYTES);
    bytes += size;
    if (size === 0) break;
    rest = parseBlock(rest + size);
  }
  if (rest > 0) parseLine(0, rest);
  closeSync(fd);
}

/** Parses the lines that the buffer holds whole, and moves what follows to its start. Returns how much that is. */
function parseBlock(end) {
  const block = buffer.subarray(0, end);
  let start = 0;
  for (let at = block.indexOf(NEWLINE); at >= 0; at = block.indexOf(NEWLINE, start)) {
    parseLine(start, at);
    start = at + 1;
  }
  buffer.copyWithin(0, start, end);
  return end - start;
}

function parseLine(start, end) {
  JSON.parse(buffer.toString("utf8", start, end));
  lines++;
}

// Baseline: finds all rollouts of a home and asks for the status of each, which is the least that a check of them costs.
import { statSync } from "node:fs";
import { peakMemoryMb } from "../measure/peak-memory.mjs";
import { rolloutFiles } from "./rollout-files.mjs";

const [home] = process.argv.slice(2);
const startedMs = performance.now();
const files = rolloutFiles(home);
const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
const timeMs = performance.now() - startedMs;
console.log(JSON.stringify({ timeMs, files: files.length, bytes, memoryMb: peakMemoryMb() }));

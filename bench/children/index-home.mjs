// Has the turns and items of every thread of a home indexed, as `threadstore reindex --turns` does, and tells what that took.
import { reindexHome } from "@threadstore/local";
import { peakMemoryMb } from "../measure/peak-memory.mjs";

const [home] = process.argv.slice(2);
let beganMs;
const { turns } = await reindexHome({
  home,
  turns: true,
  onTurnsProgress: () => {
    beganMs ??= performance.now();
  },
});
const turnsMs = performance.now() - beganMs;
if (turns.failed.length > 0) throw new Error(`${turns.failed.length} threads could not be indexed`);
console.log(JSON.stringify({ turnsMs, threads: turns.threads, memoryMb: peakMemoryMb() }));

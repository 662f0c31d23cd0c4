// Does nothing: what a Node process costs before it does anything.
import { peakMemoryMb } from "../measure/peak-memory.mjs";

console.log(JSON.stringify({ memoryMb: peakMemoryMb() }));

// Baseline: looks for a term in every message of a home, line by line, which is what a program does that has no index.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { searchableTexts } from "@threadstore/core/driver";
import { peakMemoryMb } from "../measure/peak-memory.mjs";
import { rolloutsNamed } from "./rollout-files.mjs";

const MESSAGE = /"type":"(?:message|user_message|agent_message|UserMessage|AgentMessage|Plan)"/;

const [home, term] = process.argv.slice(2);
let textBytes = 0;
let found = 0;
const startedMs = performance.now();
for (const file of rolloutsNamed([home])) if (file.endsWith(".jsonl")) await scan(file);
const timeMs = performance.now() - startedMs;
console.log(JSON.stringify({ timeMs, textBytes, found, memoryMb: peakMemoryMb() }));

async function scan(file) {
  const texts = new Set();
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (!MESSAGE.test(line)) continue;
    for (const { scope, text } of textsOf(line)) if (scope === "messages") texts.add(text);
  }
  for (const text of texts) {
    textBytes += Buffer.byteLength(text);
    if (text.toLowerCase().includes(term)) found++;
  }
}

function textsOf(line) {
  try {
    return searchableTexts(JSON.parse(line));
  } catch {
    return [];
  }
}

import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { checkThreadStore } from "./check-thread-store.js";
import { STORE_MANIFEST } from "./manifest.js";
import { memoryHarness } from "./memory-harness.js";
import { REQUIREMENTS } from "./requirements.js";

const CONTRACT = readFileSync(new URL("../../../docs/contract.md", import.meta.url), "utf8");
const covered = checkThreadStore(memoryHarness, { describe: (_title, define) => define(), it: () => {} });

describe("requirements", () => {
  it.each(Object.entries(REQUIREMENTS))("%s is a sentence of the contract", (id, sentence) => {
    expect(CONTRACT).toContain(`- **${id}** ${sentence}\n`);
  });

  it("are all the numbered sentences of the contract", () => {
    const numbered = [...CONTRACT.matchAll(/^- \*\*([A-Z]+-\d+)\*\*/gm)].map((match) => match[1]);
    expect(numbered.sort()).toEqual(Object.keys(REQUIREMENTS).sort());
  });

  it("are each covered by a case that the memory store runs", () => {
    expect([...covered].sort()).toEqual(Object.keys(REQUIREMENTS).sort());
  });

  it("are checked for what the manifest says of the memory store", () => {
    const { capabilities, isWritable } = memoryHarness;
    expect({ capabilities, isWritable }).toEqual(STORE_MANIFEST.memory);
  });

  afterAll(() => {
    process.stdout.write(`\nmemory: ${covered.length} requirements covered: ${covered.join(" ")}\n`);
  });
});

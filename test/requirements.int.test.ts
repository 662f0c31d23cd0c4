import { readFileSync } from "node:fs";
import {
  checkThreadStore,
  memoryHarness,
  REQUIREMENTS,
  type RequirementId,
  STORE_MANIFEST,
} from "@threadstore/conformance";
import { afterAll, describe, expect, it } from "vitest";
import { localHarness } from "../packages/local/test/support/local-harness.js";

const HARNESSES = [memoryHarness, localHarness];
const CONTRACT = readFileSync(new URL("../docs/contract.md", import.meta.url), "utf8");

/** What the kit covers for a store, without running it. */
function coveredBy(harness: (typeof HARNESSES)[number]): readonly RequirementId[] {
  return checkThreadStore(harness, { describe: (_title, define) => define(), it: () => {} });
}

describe("requirements", () => {
  it.each(Object.entries(REQUIREMENTS))("%s is a sentence of the contract", (id, sentence) => {
    expect(CONTRACT).toContain(`- **${id}** ${sentence}\n`);
  });

  it("has no other numbered sentence in the contract", () => {
    const numbered = [...CONTRACT.matchAll(/^- \*\*([A-Z]+-\d+)\*\*/gm)].map((match) => match[1]);
    expect(numbered.sort()).toEqual(Object.keys(REQUIREMENTS).sort());
  });

  it("are each covered by a case", () => {
    expect(new Set(HARNESSES.flatMap(coveredBy))).toEqual(new Set(Object.keys(REQUIREMENTS)));
  });

  it("are all covered for the memory store", () => {
    expect(coveredBy(memoryHarness).length).toBe(Object.keys(REQUIREMENTS).length);
  });

  it.each(HARNESSES)("the harness of $name claims what the manifest says", (harness) => {
    const { name, capabilities, isWritable } = harness;
    expect({ capabilities, isWritable }).toEqual(STORE_MANIFEST[name as keyof typeof STORE_MANIFEST]);
  });

  it("has a harness for every store of the manifest", () => {
    expect(HARNESSES.map((harness) => harness.name).sort()).toEqual(Object.keys(STORE_MANIFEST).sort());
  });

  afterAll(() => {
    for (const harness of HARNESSES) {
      const covered = coveredBy(harness);
      process.stdout.write(`\n${harness.name}: ${covered.length} requirements covered: ${covered.join(" ")}\n`);
    }
  });
});

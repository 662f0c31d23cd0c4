import { checkThreadStore } from "@threadstore/conformance";
import { afterAll, describe, it } from "vitest";
import { overLocal, overMemory } from "./support/remote-harness.js";

for (const harness of [overMemory, overLocal]) {
  const covered = checkThreadStore(harness, { describe, it });

  afterAll(() => {
    process.stdout.write(`\n${harness.name}: ${covered.length} requirements covered: ${covered.join(" ")}\n`);
  });
}

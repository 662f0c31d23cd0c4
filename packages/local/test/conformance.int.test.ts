import { checkThreadStore, STORE_MANIFEST } from "@threadstore/conformance";
import { afterAll, describe, expect, it } from "vitest";
import { localHarness } from "./support/local-harness.js";

const covered = checkThreadStore(localHarness, { describe, it });

describe("local: the manifest", () => {
  it("is what the harness claims", () => {
    const { capabilities, isWritable } = localHarness;
    expect({ capabilities, isWritable }).toEqual(STORE_MANIFEST.local);
  });

  afterAll(() => {
    process.stdout.write(`\nlocal: ${covered.length} requirements covered: ${covered.join(" ")}\n`);
  });
});

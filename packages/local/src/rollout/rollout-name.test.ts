import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRolloutName, plainPath } from "./rollout-name.js";

fc.configureGlobal({ seed: 20_261_120, numRuns: 300 });

const ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";
const SEGMENT = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f709";

describe("parseRolloutName", () => {
  it("reads the names that Codex gives", () => {
    const name = `rollout-2026-11-20T10-51-48-${ID}`;
    expect(parseRolloutName(`${name}.jsonl`)).toStrictEqual({ threadId: ID, rolloutId: ID, isCompressed: false });
    expect(parseRolloutName(`${name}.jsonl.zst`)).toStrictEqual({ threadId: ID, rolloutId: ID, isCompressed: true });
    expect(parseRolloutName(`${name}_${SEGMENT}.jsonl`)).toStrictEqual({
      threadId: ID,
      rolloutId: SEGMENT,
      isCompressed: false,
    });
  });

  it.each([
    `${ID}.jsonl`,
    `rollout-${ID}.jsonl`,
    `rollout-2026-11-20T10:51:48-${ID}.jsonl`,
    `copy of rollout-2026-11-20T10-51-48-${ID}.jsonl`,
    `rollout-2026-11-20T10-51-48-${ID.toUpperCase()}.jsonl`,
    `sessions/2026/1/2/rollout-2026-01-02T10-51-48-${ID}.jsonl`,
    `${SEGMENT}-${ID}.jsonl`,
  ])("takes any name that ends in a UUID: %s", (name) => {
    expect(parseRolloutName(name)).toStrictEqual({ threadId: ID, rolloutId: ID, isCompressed: false });
  });

  it.each([
    "rollout.jsonl",
    `${ID}-copy.jsonl`,
    `${ID} (1).jsonl`,
    `${ID.slice(1)}.jsonl`,
    ".jsonl",
    `${ID}.old.jsonl`,
  ])("a name without a UUID at its end may be a rollout's, but tells no thread: %s", (name) => {
    expect(parseRolloutName(name)).toStrictEqual({ isCompressed: false });
    expect(parseRolloutName(`${name}.zst`)).toStrictEqual({ isCompressed: true });
  });

  it.each([
    "",
    ID,
    `${ID}.json`,
    `${ID}.jsonl.gz`,
    `${ID}.jsonl.tmp`,
    `${ID}.jsonl.zst.compress.17.1.tmp`,
    `${ID}.zst`,
    `${ID}.jsonl.zst.zst`,
    `${ID}.jsonl~`,
    `${ID}.JSONL`,
    "jsonl",
    "state_5.sqlite",
  ])("is null for %j", (name) => {
    expect(parseRolloutName(name)).toBeNull();
  });

  it("gives ids in lower case, whatever stands before them", () => {
    const prefixes = fc.stringMatching(/^[ -~]{0,20}-$/);
    fc.assert(
      fc.property(prefixes, fc.uuid(), fc.uuid(), fc.boolean(), (prefix, thread, segment, isUpper) => {
        const ids = isUpper ? `${thread}_${segment}`.toUpperCase() : `${thread}_${segment}`;
        expect(parseRolloutName(`${prefix}${ids}.jsonl`)).toStrictEqual({
          threadId: thread,
          rolloutId: segment,
          isCompressed: false,
        });
      }),
    );
  });
});

describe("plainPath", () => {
  it("is the path without the ending of a compressed file", () => {
    const paths = ["a/b.jsonl", "a/b.jsonl.zst", "a.zst/b.jsonl", ".zst"];
    expect(paths.map(plainPath)).toStrictEqual(["a/b.jsonl", "a/b.jsonl", "a.zst/b.jsonl", ""]);
  });
});

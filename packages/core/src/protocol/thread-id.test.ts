import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseThreadId, threadIdSchema } from "./thread-id.js";

fc.configureGlobal({ seed: 20_261_120, numRuns: 500 });

const ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";

describe("parseThreadId", () => {
  it.each([
    ID,
    ID.toUpperCase(),
    "0199A3c4-5D6e-7F80-91a2-B3c4d5e6F708",
    `urn:uuid:${ID}`,
    `URN:UUID:${ID.toUpperCase()}`,
    `{${ID}}`,
    `{${ID.toUpperCase()}}`,
    ID.replaceAll("-", ""),
    ID.replaceAll("-", "").toUpperCase(),
  ])("reads %s", (text) => {
    expect(parseThreadId(text)).toBe(ID);
  });

  it.each([
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "6fa459ea-ee8a-1ca4-894e-db77e160355e",
    "16fd2706-8baf-433b-82eb-8c7fada847da",
  ])("takes any version and variant: %s", (text) => {
    expect(parseThreadId(text)).toBe(text);
  });

  it.each([
    "",
    "nope",
    ` ${ID}`,
    `${ID}\n`,
    `{${ID}`,
    `${ID}}`,
    `urn:${ID}`,
    ID.slice(1),
    `${ID}0`,
    ID.replace("a", "g"),
    "0199a3c45-d6e-7f80-91a2-b3c4d5e6f708",
    "0199a3c4-5d6e7f80-91a2-b3c4d5e6f708",
    "0199a3c4_5d6e_7f80_91a2_b3c4d5e6f708",
    `${ID}_${ID}`,
  ])("is null for %j", (text) => {
    expect(parseThreadId(text)).toBeNull();
  });

  it("every spelling of a UUID is the same thread", () => {
    const spellings = [
      (id: string) => id.toUpperCase(),
      (id: string) => id.replaceAll("-", ""),
      (id: string) => `urn:uuid:${id}`,
      (id: string) => `{${id}}`,
    ];
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        expect([id, ...spellings.map((spell) => spell(id))].map(parseThreadId)).toStrictEqual(Array(5).fill(id));
      }),
    );
  });
});

describe("threadIdSchema", () => {
  it("gives the one spelling this project uses", () => {
    expect(threadIdSchema.parse(ID.toUpperCase())).toBe(ID);
  });

  it("says what was given, at most its first 64 characters", () => {
    const message = (text: string) => threadIdSchema.safeParse(text).error?.issues.map((issue) => issue.message);
    expect(message("nope")).toStrictEqual(['invalid thread id: "nope" is not a UUID']);
    expect(message("x".repeat(65))).toStrictEqual([`invalid thread id: "${"x".repeat(64)}" is not a UUID`]);
  });
});

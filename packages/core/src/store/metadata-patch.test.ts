import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isEmptyPatch, mergePatches, metadataPatchSchema, type ThreadMetadataPatch } from "./metadata-patch.js";

fc.configureGlobal({ seed: 20_261_120, numRuns: 500 });

const EMPTY: ThreadMetadataPatch = {};

describe("mergePatches", () => {
  it("what is present in the later patch wins, what is absent stays", () => {
    const merged = mergePatches(
      { name: "before", model: "m1", cwd: "/a", memoryMode: "enabled" },
      { name: "after", model: "m2", preview: "p" },
    );
    expect(merged).toStrictEqual({ name: "after", model: "m2", cwd: "/a", memoryMode: "enabled", preview: "p" });
  });

  it("a clear wins over a value and a value over a clear", () => {
    expect(mergePatches({ name: "n", agentRole: null }, { name: null, agentRole: "r" })).toStrictEqual({
      name: null,
      agentRole: "r",
    });
  });

  it("a field that is spelled out but undefined keeps what was there", () => {
    const spelledOut = { name: undefined, gitInfo: { branch: undefined } } as unknown as ThreadMetadataPatch;
    expect(mergePatches({ name: "n", gitInfo: { branch: "b" } }, spelledOut)).toStrictEqual({
      name: "n",
      gitInfo: { branch: "b" },
    });
  });

  it("git is merged field by field", () => {
    expect(
      mergePatches(
        { gitInfo: { branch: "main", commitHash: "c1" } },
        { gitInfo: { commitHash: null, repositoryUrl: "u" } },
      ),
    ).toStrictEqual({ gitInfo: { branch: "main", commitHash: null, repositoryUrl: "u" } });
  });

  it("git of one patch only is kept whole", () => {
    expect(mergePatches({ gitInfo: { branch: "b" } }, { name: "n" })).toStrictEqual({
      gitInfo: { branch: "b" },
      name: "n",
    });
    expect(mergePatches({ name: "n" }, { gitInfo: { branch: null } })).toStrictEqual({
      gitInfo: { branch: null },
      name: "n",
    });
  });

  it("changes neither of its patches", () => {
    const [earlier, later] = [{ gitInfo: { branch: "a" } }, { gitInfo: { branch: "b" } }];
    mergePatches(earlier, later);
    expect([earlier, later]).toStrictEqual([{ gitInfo: { branch: "a" } }, { gitInfo: { branch: "b" } }]);
  });

  it("does what its patches do in turn", () => {
    fc.assert(
      fc.property(patches(), patches(), patches(), (first, second, third) => {
        expect(apply(apply(first, second), third)).toStrictEqual(apply(first, mergePatches(second, third)));
      }),
    );
  });

  it("may be joined in any grouping, and the empty patch changes nothing", () => {
    fc.assert(
      fc.property(patches(), patches(), patches(), (a, b, c) => {
        expect(mergePatches(mergePatches(a, b), c)).toEqual(mergePatches(a, mergePatches(b, c)));
        expect(mergePatches(EMPTY, a)).toEqual(a);
        expect(mergePatches(a, EMPTY)).toEqual(a);
      }),
    );
  });
});

describe("isEmptyPatch", () => {
  it.each([{}, { name: undefined }, { gitInfo: {} }, { gitInfo: { branch: undefined }, model: undefined }])(
    "%j asks for nothing",
    (patch) => {
      expect(isEmptyPatch(patch as ThreadMetadataPatch)).toBe(true);
    },
  );

  it.each([{ name: null }, { name: "" }, { tokenUsage: null }, { approvalMode: false }, { gitInfo: { branch: null } }])(
    "%j asks for something",
    (patch) => {
      expect(isEmptyPatch(patch)).toBe(false);
    },
  );

  it("a patch is empty when it changes no other", () => {
    const full = mergePatches(
      { name: "x", gitInfo: { branch: "x", commitHash: "x", repositoryUrl: "x" } },
      { model: "x" },
    );
    fc.assert(
      fc.property(patches(), (patch) => {
        const before = { ...full, cwd: "x", approvalMode: "x", title: "x", reasoningEffort: "x" };
        const isChanged = JSON.stringify(apply(before, patch)) !== JSON.stringify(before);
        expect(isEmptyPatch(patch)).toBe(!isChanged);
      }),
    );
  });
});

describe("metadataPatchSchema", () => {
  it("takes a patch as it is", () => {
    fc.assert(
      fc.property(patches({ withUndefined: false }), (patch) => {
        expect(metadataPatchSchema.parse(patch)).toStrictEqual(patch);
      }),
    );
  });

  it("normalises instants and sources", () => {
    expect(
      metadataPatchSchema.parse({ createdAt: "2026-11-20T12:51:48+02:00", source: { subagent: "review" } }),
    ).toStrictEqual({ createdAt: "2026-11-20T10:51:48.000Z", source: { subAgent: "review" } });
  });

  it.each([
    { unknown: 1 },
    { gitInfo: { sha: "c" } },
    { gitInfo: null },
    { preview: null },
    { name: 5 },
    { memoryMode: "polluted" },
    { createdAt: "yesterday" },
    { source: "nobody" },
  ])("refuses %j", (patch) => {
    expect(metadataPatchSchema.safeParse(patch).success).toBe(false);
  });
});

type Fields = Readonly<Record<string, unknown>>;

/** What a patch does, in its plainest form. */
function apply(state: object, patch: ThreadMetadataPatch): Fields {
  const after: Record<string, unknown> = { ...state };
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    after[key] = key === "gitInfo" ? { ...(after.gitInfo as Fields), ...withoutUndefined(value as Fields) } : value;
  }
  return withoutUndefined({
    ...after,
    ...(after.gitInfo ? { gitInfo: withoutUndefined(after.gitInfo as Fields) } : {}),
  });
}

function withoutUndefined(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Patches of a few fields of every sort; also with fields that are spelled out but undefined. */
function patches({ withUndefined = true } = {}): fc.Arbitrary<ThreadMetadataPatch> {
  const absent = withUndefined ? [undefined] : [];
  const text = fc.constantFrom("", "a", "b", ...absent);
  const clearable = fc.constantFrom(null, "", "a", "b", ...absent);
  const fields = {
    name: clearable,
    reasoningEffort: clearable,
    title: text,
    model: text,
    cwd: text,
    approvalMode: fc.constantFrom<unknown>(null, "on-request", { kind: [1] }, ...absent),
    gitInfo: fc.record(
      { commitHash: clearable, branch: clearable, repositoryUrl: clearable },
      { requiredKeys: [], noNullPrototype: true },
    ),
  };
  return fc.record(fields, { requiredKeys: [], noNullPrototype: true }) as fc.Arbitrary<ThreadMetadataPatch>;
}

import { openMemoryThreadStore, type ThreadStore } from "@threadstore/core";
import type { Case, CaseContext, Section } from "./case.js";
import { exportThreads } from "./export-threads.js";
import type { StoreHarness, StoreUnderTest } from "./harness.js";
import { ManualClock } from "./manual-clock.js";
import type { RequirementId } from "./requirements.js";
import { SECTIONS } from "./sections/index.js";
import { drawThread, type ThreadSketch } from "./sketch.js";

/** The two functions that test runners share: vitest, jest, node:test, mocha. */
export interface TestRunner {
  describe(title: string, define: () => void): void;
  it(title: string, run: () => Promise<void>): void;
}

/** Checks a store against the contract: one test a case, under any runner. Returns the requirements that are covered. */
export function checkThreadStore(harness: StoreHarness, runner: TestRunner): readonly RequirementId[] {
  const covered = new Set<RequirementId>();
  for (const section of SECTIONS) {
    const cases = casesFor(section, harness);
    if (cases.length === 0) continue;
    runner.describe(`${harness.name}: ${section.title}`, () => {
      for (const one of cases) runner.it(`${one.requirement} ${one.title}`, () => runCase(harness, one));
    });
    for (const one of cases) covered.add(one.requirement);
  }
  return [...covered];
}

/** The cases of a section that apply to a store, by what it must be able to do. */
function casesFor(section: Section, harness: StoreHarness): readonly Case[] {
  return section.cases.filter((one) => {
    const hasCapabilities = (one.needs ?? []).every((capability) => harness.capabilities.includes(capability));
    return hasCapabilities && (harness.isWritable || !one.writes);
  });
}

async function runCase(harness: StoreHarness, one: Case): Promise<void> {
  const clock = new ManualClock();
  const opened: ThreadStore[] = [];
  const underTest = await harness.open({ clock, ...(one.limits ? { limits: one.limits } : {}) });
  const context: CaseContext = {
    store: underTest.store,
    harness,
    clock,
    reopen: async () => {
      const store = await underTest.reopen();
      opened.push(store);
      return store;
    },
    given: (...sketches) => provide({ harness, underTest, clock }, sketches),
  };
  try {
    await one.run(context);
  } finally {
    for (const store of opened) await store[Symbol.asyncDispose]();
    await underTest.destroy();
  }
}

interface Provision {
  readonly harness: StoreHarness;
  readonly underTest: StoreUnderTest;
  readonly clock: ManualClock;
}

/** A store that cannot write gets its threads from a reference store that can, by way of a foreign writer. */
async function provide({ harness, underTest, clock }: Provision, sketches: readonly ThreadSketch[]): Promise<void> {
  if (harness.isWritable) {
    for (const sketch of sketches) await drawThread(underTest.store, clock, sketch);
    return;
  }
  if (!underTest.seed) throw new Error(`the harness of ${harness.name} must seed: the store does not write`);
  await using reference = openMemoryThreadStore({ clock });
  for (const sketch of sketches) await drawThread(reference, clock, sketch);
  await underTest.seed(await exportThreads(reference));
}

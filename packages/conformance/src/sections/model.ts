import { openMemoryThreadStore } from "@threadstore/core";
import fc from "fast-check";
import type { CaseContext, Section } from "../case.js";
import { equal, ok } from "../expect.js";
import { exportThreads } from "../export-threads.js";
import { ManualClock } from "../manual-clock.js";
import { observe } from "../model/observe.js";
import { histories, type Operation, perform } from "../model/operations.js";

/** Histories that are tried; more when THREADSTORE_MODEL_RUNS says so. The seed is fixed: every run tries the same ones. */
const RUNS = Number(process.env.THREADSTORE_MODEL_RUNS ?? 60);
const SEED = 20_260_115;

export const modelSection: Section = {
  title: "the model",
  cases: [
    {
      requirement: "MODEL-1",
      title: "random histories end as they do in the reference store",
      run: async (context) => {
        const { capabilities } = context.harness;
        const kinds = {
          withReverts: capabilities.includes("revert"),
          withDeletions: capabilities.includes("deletion"),
          withSearches: capabilities.includes("search"),
        };
        const check = context.harness.isWritable ? playOnBoth : seedAndCompare;
        const property = fc.asyncProperty(histories(kinds), (history) => check(context, history));
        await fc.assert(property, { numRuns: RUNS, seed: SEED });
      },
    },
  ],
};

/** Every step is done on a store and on the reference: answers and ends are the same. */
async function playOnBoth({ harness }: CaseContext, history: readonly Operation[]): Promise<void> {
  const clock = new ManualClock();
  const referenceClock = new ManualClock();
  await using reference = openMemoryThreadStore({ clock: referenceClock });
  const underTest = await harness.open({ clock });
  try {
    for (const [step, operation] of history.entries()) {
      const expected = await perform(reference, referenceClock, operation);
      equal(await perform(underTest.store, clock, operation), expected, `step ${step}: ${operation.type}`);
    }
    equal(await observe(underTest.store), await observe(reference));
    const again = await underTest.reopen();
    equal(await observe(again), await observe(reference), "reopened");
    await again[Symbol.asyncDispose]();
  } finally {
    await underTest.destroy();
  }
}

/** The history is played on the reference; a foreign writer puts its end into the store, which must read the same. */
async function seedAndCompare({ harness }: CaseContext, history: readonly Operation[]): Promise<void> {
  const clock = new ManualClock();
  await using reference = openMemoryThreadStore({ clock });
  // Names that others give stand beside the rollouts and move no times; the reading cases cover them.
  for (const operation of history) if (operation.type !== "rename") await perform(reference, clock, operation);
  const underTest = await harness.open({ clock });
  try {
    ok(underTest.seed, "a store that does not write must be seeded");
    await underTest.seed(await exportThreads(reference));
    equal(await observe(underTest.store), await observe(reference));
  } finally {
    await underTest.destroy();
  }
}

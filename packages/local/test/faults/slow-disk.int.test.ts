import { beforeAll, expect, it, vi } from "vitest";
import { isLong } from "../support/runs.js";
import { SEED } from "../support/seeded-random.js";
import { slowSyncs } from "../support/slow-syncs.js";
import { cutPower } from "./power-cuts.js";
import { SCENARIOS } from "./scenarios.js";
import { linesOf, tallyOf } from "./suite.js";

const size = isLong ? { outcomesPerPoint: 10 } : { outcomesPerPoint: 1, pointsPerKind: 1 };
const count = tallyOf("the disk is slow and the power is cut");

beforeAll(() => {
  // Long turns of the event loop are cut short by the clock: which step comes when must not depend on it.
  vi.spyOn(performance, "now").mockReturnValue(0);
});

it.each(SCENARIOS)("$name: syncs that take long acknowledge nothing too soon", async (scenario) => {
  const result = await cutPower(scenario, { seed: SEED, slowDown: slowSyncs, ...size });
  count(result);
  expect(linesOf(result)).toEqual([]);
});

import { beforeAll, expect, it, vi } from "vitest";
import { isLong } from "../support/runs.js";
import { SEED } from "../support/seeded-random.js";
import { cutPower } from "./power-cuts.js";
import { SCENARIOS } from "./scenarios.js";
import { linesOf, tallyOf } from "./suite.js";

const size = isLong ? { outcomesPerPoint: 20 } : { outcomesPerPoint: 1, pointsPerKind: 1 };
const count = tallyOf("the power is cut");

beforeAll(() => {
  // Long turns of the event loop are cut short by the clock: which step comes when must not depend on it.
  vi.spyOn(performance, "now").mockReturnValue(0);
});

it.each(SCENARIOS)("$name: a power cut at any step loses nothing that was acknowledged", async (scenario) => {
  const result = await cutPower(scenario, { seed: SEED, ...size });
  count(result);
  expect(linesOf(result)).toEqual([]);
});

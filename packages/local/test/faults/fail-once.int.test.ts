import { beforeAll, expect, it, vi } from "vitest";
import { isLong } from "../support/runs.js";
import { SEED } from "../support/seeded-random.js";
import { failOnce } from "./fail-once.js";
import { SCENARIOS } from "./scenarios.js";
import { linesOf, tallyOf } from "./suite.js";

const size = isLong ? {} : { pointsPerKind: 1 };
const count = tallyOf("a step fails once");

beforeAll(() => {
  // Long turns of the event loop are cut short by the clock: which step comes when must not depend on it.
  vi.spyOn(performance, "now").mockReturnValue(0);
});

it.each(SCENARIOS)("$name: a step that fails once loses nothing, and the next call works", async (scenario) => {
  const result = await failOnce(scenario, { seed: SEED, ...size });
  count(result);
  expect(linesOf(result)).toEqual([]);
});

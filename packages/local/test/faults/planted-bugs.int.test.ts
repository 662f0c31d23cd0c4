import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { AppendKeys } from "../../src/journal/append-keys.js";
import { BROKEN_FILE_SYSTEMS } from "../support/planted-bugs.js";
import { SEED } from "../support/seeded-random.js";
import { longSyncs } from "../support/slow-syncs.js";
import { Tally } from "../support/tally.js";
import type { FindingKind } from "./check-threads.js";
import { failOnce } from "./fail-once.js";
import { cutPower } from "./power-cuts.js";
import type { Scenario } from "./scenario.js";
import { SCENARIOS } from "./scenarios.js";
import type { SuiteOptions, SuiteResult } from "./suite.js";

/** What of our own code is left out now. */
const planted = vi.hoisted(() => ({ newlineRepair: false }));

vi.mock("../../src/rollout/rollout-end.js", async (importOriginal) => {
  const original = await importOriginal<typeof import("../../src/rollout/rollout-end.js")>();
  const findRolloutEnd: typeof original.findRolloutEnd = (file, historyMode) => {
    const end = original.findRolloutEnd(file, historyMode);
    return planted.newlineRepair ? { ...end, isTorn: false } : end;
  };
  return { ...original, findRolloutEnd };
});

/** So many that what one point can show is shown, whatever the seed. */
const OUTCOMES_PER_POINT = 60;

type TrialOptions = Partial<SuiteOptions>;
type Suite = (scenario: Scenario, options: TrialOptions) => Promise<SuiteResult>;

const failing: Suite = (scenario, options) => failOnce(scenario, { ...options, seed: SEED });
const cutting: Suite = (scenario, options) =>
  cutPower(scenario, { ...options, seed: SEED, outcomesPerPoint: OUTCOMES_PER_POINT });
const cuttingSlowly: Suite = (scenario, options) =>
  cutPower(scenario, { ...options, seed: SEED, outcomesPerPoint: OUTCOMES_PER_POINT, slowDown: longSyncs });

interface PlantedBug {
  readonly bug: string;
  readonly suite: Suite;
  readonly scenario: string;
  /** What the suite must report. */
  readonly finds: FindingKind;
  readonly options?: TrialOptions;
  readonly plant?: () => void;
}

function broken(
  bug: keyof typeof BROKEN_FILE_SYSTEMS,
  { options, ...trial }: Pick<PlantedBug, "suite" | "scenario" | "finds" | "options">,
): PlantedBug {
  return { bug, ...trial, options: { ...options, wrap: BROKEN_FILE_SYSTEMS[bug] } };
}

const FIRST = "create lazily, append, shut down";

const BUGS: readonly PlantedBug[] = [
  broken("no content is synced", { suite: cutting, scenario: FIRST, finds: "lost" }),
  broken("no folder is synced", { suite: cutting, scenario: FIRST, finds: "hidden" }),
  broken("a sync is not waited for", { suite: cuttingSlowly, scenario: FIRST, finds: "lost" }),
  broken("a file takes the place of another before it is synced", {
    suite: cutting,
    scenario: "make the metadata journal anew",
    finds: "lost",
    options: { operation: "sync" },
  }),
  broken("every lock is free", { suite: cutting, scenario: "take a thread over", finds: "error" }),
  broken("a partial write is not taken back", {
    suite: failing,
    scenario: FIRST,
    finds: "invented",
    options: { operation: "append" },
  }),
  {
    bug: "a torn line is not closed off",
    suite: cutting,
    scenario: "resume after a torn tail",
    finds: "lost",
    plant: () => {
      planted.newlineRepair = true;
    },
  },
  {
    bug: "keys are not looked for",
    suite: failing,
    scenario: "append with keys",
    finds: "duplicated",
    options: { pointsPerKind: 0 },
    plant: () => {
      vi.spyOn(AppendKeys.prototype, "find").mockReturnValue(undefined);
    },
  },
  {
    bug: "keys of rejected appends stay",
    suite: failing,
    scenario: "append with keys",
    finds: "lost",
    options: { operation: "append" },
    plant: () => {
      vi.spyOn(AppendKeys.prototype, "takeBack").mockReturnValue(undefined);
    },
  },
];

const tally = new Tally("planted bugs", ["planted", "caught"]);

beforeEach(() => {
  vi.spyOn(performance, "now").mockReturnValue(0);
});

afterEach(() => {
  planted.newlineRepair = false;
  vi.restoreAllMocks();
});

it.each(BUGS)("the suites catch it when $bug", async ({ suite, scenario, finds, options = {}, plant }) => {
  plant?.();
  tally.add("planted");
  const { findings } = await suite(named(scenario), { ...options, until: finds });
  expect(findings.map(({ kind }) => kind)).toContain(finds);
  tally.add("caught");
});

function named(name: string): Scenario {
  const scenarios = SCENARIOS.filter((scenario) => scenario.name === name);
  expect(scenarios).toHaveLength(1);
  return scenarios[0] as Scenario;
}

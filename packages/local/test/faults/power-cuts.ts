import { changesDisk, type FileStep, withSteps } from "../support/file-steps.js";
import type { SeededRandom } from "../support/seeded-random.js";
import type { SimulatedDisk } from "../support/simulated-disk.js";
import type { Acknowledgements } from "./acknowledgements.js";
import { settleAfterCut } from "./after-cut.js";
import type { Finding } from "./check-threads.js";
import type { Scenario } from "./scenario.js";
import { ScenarioRun } from "./scenario-run.js";
import {
  checkRecovered,
  isAskedFor,
  isFound,
  kindOf,
  type PlacedFinding,
  type PreparedHome,
  placed,
  prepareHome,
  randomOf,
  type SuiteOptions,
  type SuiteResult,
  unlessStopped,
} from "./suite.js";

export interface PowerCutOptions extends SuiteOptions {
  /** What a power cut may leave is another thing each time: how often one point is tried. */
  readonly outcomesPerPoint: number;
  /** Lets syncs take their time. */
  readonly slowDown?: (disk: SimulatedDisk, random: SeededRandom) => void;
}

/** The state of the world right before a step: the disks that a cut would leave, and what was acknowledged. */
interface Cut {
  readonly kind: string;
  readonly point: string;
  readonly disks: readonly SimulatedDisk[];
  readonly acknowledged: Acknowledgements;
}

/** Cuts the power before the steps of a scenario, and looks at what a fresh store finds. */
export async function cutPower(scenario: Scenario, options: PowerCutOptions): Promise<SuiteResult> {
  const { cuts, operations, found } = await recordCuts(scenario, options);
  const findings = [...found];
  // Late cuts come first: most is acknowledged by then, and what a bug loses is found soon.
  for (const { point, disks, acknowledged } of cuts.toReversed()) {
    for (const [at, disk] of disks.entries()) {
      if (isFound(findings, options)) break;
      findings.push(
        ...placed(
          await lookAfter(scenario, { disk, acknowledged: acknowledged.copy() }),
          scenario.name,
          `${point}, outcome ${at}`,
        ),
      );
    }
  }
  const outcomes = cuts.length * options.outcomesPerPoint;
  return { operations, points: cuts.length, outcomes, findings };
}

interface RecordedCuts {
  readonly cuts: readonly Cut[];
  readonly operations: number;
  readonly found: readonly PlacedFinding[];
}

/** Runs a scenario once; a cut is a copy of the disk, so that it can go on. */
async function recordCuts(scenario: Scenario, options: PowerCutOptions): Promise<RecordedCuts> {
  const { outcomesPerPoint, pointsPerKind = Number.POSITIVE_INFINITY, wrap, slowDown } = options;
  const random = randomOf(scenario, options);
  const prepared = await prepareHome(scenario);
  const disk = prepared.disk.copy();
  slowDown?.(disk, random);
  const cuts: Cut[] = [];
  const cutAt = (kind: string, point: string) => {
    const disks = Array.from({ length: outcomesPerPoint }, () => disk.crash(random));
    cuts.push({ kind, point, disks, acknowledged: run.acknowledged.copy() });
  };
  let operations = 0;
  const onStep = (step: FileStep) => {
    operations = step.number;
    if (changesDisk(step) && isAskedFor(step, options))
      cutAt(kindOf(step), `before step ${step.number}, ${step.operation} ${step.path}`);
    return undefined;
  };
  const stepped = withSteps(disk.files, onStep);
  const run = new ScenarioRun({
    files: wrap?.(stepped) ?? stepped,
    acknowledged: prepared.acknowledged.copy(),
    epoch: 1,
  });
  await unlessStopped(() => scenario.work(run, disk));
  cutAt("end", "at the end");
  await run.close();
  const found = placed(run.findings, scenario.name, "without a cut");
  return { cuts: random.sampleEach(cuts, ({ kind }) => kind, pointsPerKind), operations, found };
}

async function lookAfter(scenario: Scenario, { disk, acknowledged }: PreparedHome): Promise<readonly Finding[]> {
  const run = new ScenarioRun({ files: disk.files, acknowledged, epoch: 48 });
  await unlessStopped(() => settleAfterCut(run));
  await run.close();
  return [...run.findings, ...checkRecovered(scenario, disk)];
}

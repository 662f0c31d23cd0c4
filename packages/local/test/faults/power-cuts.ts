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

/** A disk of thousands of steps cannot be kept for each of them. */
const CUTS_PER_KIND_MAX = 150;

/** Runs a scenario once to see its steps, and once more to copy the disk before those that are picked. */
async function recordCuts(scenario: Scenario, options: PowerCutOptions): Promise<RecordedCuts> {
  const { outcomesPerPoint, pointsPerKind = CUTS_PER_KIND_MAX } = options;
  const random = randomOf(scenario, options);
  const steps: FileStep[] = [];
  const first = await runThrough(scenario, options, ({ step }) => {
    if (changesDisk(step) && isAskedFor(step, options)) steps.push(step);
  });
  await first.running.run.close();
  const picked = new Set(random.sampleEach(steps, kindOf, pointsPerKind).map(({ number }) => number));
  const cuts: Cut[] = [];
  const cut = (point: string, { disk, run }: Running) => {
    const disks = Array.from({ length: outcomesPerPoint }, () => disk.crash(random));
    cuts.push({ point, disks, acknowledged: run.acknowledged.copy() });
  };
  let operations = 0;
  const { running, found } = await runThrough(scenario, options, ({ step, ...now }) => {
    operations = step.number;
    if (picked.has(step.number)) cut(`before step ${step.number}, ${step.operation} ${step.path}`, now);
  });
  cut("at the end", running);
  await running.run.close();
  return { cuts, operations, found };
}

/** A scenario that is running. */
interface Running {
  readonly disk: SimulatedDisk;
  readonly run: ScenarioRun;
}

/** Runs a scenario without a cut; the caller closes what it leaves open. */
async function runThrough(
  scenario: Scenario,
  options: PowerCutOptions,
  onStep: (now: Running & { readonly step: FileStep }) => void,
) {
  const prepared = await prepareHome(scenario);
  const disk = prepared.disk.copy();
  options.slowDown?.(disk, randomOf(scenario, options));
  const stepped = withSteps(disk.files, (step) => {
    onStep({ disk, run, step });
    return undefined;
  });
  const run = new ScenarioRun({
    files: options.wrap?.(stepped) ?? stepped,
    acknowledged: prepared.acknowledged.copy(),
    epoch: 1,
  });
  await unlessStopped(() => scenario.work(run, disk));
  return { running: { disk, run }, found: placed(run.findings, scenario.name, "without a cut") };
}

async function lookAfter(scenario: Scenario, { disk, acknowledged }: PreparedHome): Promise<readonly Finding[]> {
  const run = new ScenarioRun({ files: disk.files, acknowledged, epoch: 48 });
  await unlessStopped(() => settleAfterCut(run));
  await run.close();
  return [...run.findings, ...checkRecovered(scenario, disk)];
}

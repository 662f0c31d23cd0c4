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

/** The disks of a scenario of thousands of steps are large: few are kept at a time, and of steps of a kind not all are tried. */
const CUTS_AT_ONCE = 20;
const CUTS_PER_KIND_MAX = 100;

/** Cuts the power before the steps of a scenario, and looks at what a fresh store finds. */
export async function cutPower(scenario: Scenario, options: PowerCutOptions): Promise<SuiteResult> {
  const random = randomOf(scenario, options);
  const { steps, operations, found } = await seeSteps(scenario, options);
  const findings = [...found];
  // Late cuts come first: most is acknowledged by then, and what a bug loses is found soon.
  const points = random
    .sampleEach(steps, kindOf, options.pointsPerKind ?? CUTS_PER_KIND_MAX)
    .map(({ number }) => number)
    .toReversed();
  points.unshift(Number.POSITIVE_INFINITY);
  for (let at = 0; at < points.length; at += CUTS_AT_ONCE) {
    const cuts = await recordCuts(scenario, options, { points: points.slice(at, at + CUTS_AT_ONCE), random });
    for (const cut of cuts.toReversed())
      if (!isFound(findings, options)) findings.push(...(await lookAt(scenario, cut)));
  }
  const outcomes = points.length * options.outcomesPerPoint;
  return { operations, points: points.length, outcomes, findings };
}

/** What a fresh store finds on each disk that a cut may leave. */
async function lookAt(scenario: Scenario, { point, disks, acknowledged }: Cut): Promise<PlacedFinding[]> {
  const findings: PlacedFinding[] = [];
  for (const [at, disk] of disks.entries()) {
    const found = await lookAfter(scenario, { disk, acknowledged: acknowledged.copy() });
    findings.push(...placed(found, scenario.name, `${point}, outcome ${at}`));
  }
  return findings;
}

/** Runs a scenario to see its steps. */
async function seeSteps(scenario: Scenario, options: PowerCutOptions) {
  const steps: FileStep[] = [];
  let operations = 0;
  const { running, found } = await runThrough(scenario, options, ({ step }) => {
    operations = step.number;
    if (changesDisk(step) && isAskedFor(step, options)) steps.push(step);
  });
  await running.run.close();
  return { steps, operations, found };
}

/** Runs a scenario and copies the disk before the steps of some numbers; for one beyond the last, at the end. */
async function recordCuts(
  scenario: Scenario,
  options: PowerCutOptions,
  { points, random }: { readonly points: readonly number[]; readonly random: SeededRandom },
): Promise<Cut[]> {
  const picked = new Set(points);
  const cuts: Cut[] = [];
  const cut = (point: string, { disk, run }: Running) => {
    const disks = Array.from({ length: options.outcomesPerPoint }, () => disk.crash(random));
    cuts.push({ point, disks, acknowledged: run.acknowledged.copy() });
  };
  const { running } = await runThrough(scenario, options, ({ step, ...now }) => {
    if (picked.has(step.number)) cut(`before step ${step.number}, ${step.operation} ${step.path}`, now);
  });
  if (picked.has(Number.POSITIVE_INFINITY)) cut("at the end", running);
  await running.run.close();
  return cuts;
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

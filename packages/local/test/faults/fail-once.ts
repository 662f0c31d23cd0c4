import { FITTING_FAULTS, type FileStep, type StepFault, withSteps } from "../support/file-steps.js";
import { SeededRandom } from "../support/seeded-random.js";
import type { Finding, View } from "./check-threads.js";
import { goOn } from "./go-on.js";
import type { Scenario } from "./scenario.js";
import { ScenarioRun } from "./scenario-run.js";
import {
  checkRecovered,
  isAskedFor,
  isFound,
  kindOf,
  type PreparedHome,
  placed,
  prepareHome,
  randomOf,
  type SuiteOptions,
  type SuiteResult,
  unlessStopped,
} from "./suite.js";

/** One step that fails in one way. */
interface FaultPoint {
  readonly step: FileStep;
  readonly fault: StepFault;
}

/** Lets the steps of a scenario fail once, in every way that fits them, and looks at what the stores make of it. */
export async function failOnce(scenario: Scenario, options: SuiteOptions): Promise<SuiteResult> {
  const { pointsPerKind = Number.POSITIVE_INFINITY, wrap } = options;
  const trial = { scenario, home: await prepareHome(scenario), ...(wrap ? { wrap } : {}) };
  const { steps, found } = await runWith(trial, null);
  const findings = [...found];
  const tried = steps.filter((step) => isAskedFor(step, options));
  const all = tried.flatMap((step) => FITTING_FAULTS[step.operation].map((fault): FaultPoint => ({ step, fault })));
  const points = randomOf(scenario, options).sampleEach(all, ({ step }) => kindOf(step), pointsPerKind);
  for (const point of points) {
    if (isFound(findings, options)) break;
    findings.push(...(await runWith(trial, point)).found);
  }
  return {
    operations: steps.length,
    points: new Set(points.map(({ step }) => step)).size,
    outcomes: points.length,
    findings,
  };
}

interface Trial {
  readonly scenario: Scenario;
  readonly home: PreparedHome;
  readonly wrap?: SuiteOptions["wrap"];
}

/** Runs a scenario with one fault, or with none to see its steps. */
async function runWith({ scenario, home, wrap }: Trial, point: FaultPoint | null) {
  const disk = home.disk.copy();
  const steps: FileStep[] = [];
  let hit: FileStep | undefined;
  let isHealthy = false;
  const files = withSteps(disk.files, (step) => {
    if (isHealthy) return undefined;
    steps.push(step);
    if (step.number !== point?.step.number) return undefined;
    hit = step;
    return point.fault;
  });
  const run = new ScenarioRun({
    files: wrap?.(files) ?? files,
    acknowledged: home.acknowledged.copy(),
    faults: () => (hit ? 1 : 0),
    epoch: 1,
  });
  await unlessStopped(async () => {
    await scenario.work(run, disk);
    isHealthy = true;
    await run.check("now");
    await goOn(run, "after the fault");
    await run.check("now");
  });
  await run.close();
  if (disk.openPaths.length > 0) run.findings.push({ kind: "leaked", detail: `left open: ${disk.openPaths.join()}` });
  const reopened = await lookAgain(scenario, { disk: disk.copy(), acknowledged: run.acknowledged }, "now");
  // Everything was flushed: a power cut changes nothing now.
  const random = new SeededRandom(point?.step.number ?? 0);
  const cut = { disk: disk.crash(random), acknowledged: run.acknowledged };
  const afterCut = (await lookAgain(scenario, cut, "afterCut")).map((finding) => {
    return { ...finding, detail: `after a power cut, ${finding.detail}` };
  });
  const how =
    point &&
    `${point.fault.code}${point.fault.written ? ` after ${point.fault.written}` : ""}${point.fault.loses ? " and a loss" : ""}`;
  const at = hit ? `${how} at step ${hit.number}, ${hit.operation} ${hit.path}` : "no fault";
  return { steps, found: placed([...run.findings, ...reopened, ...afterCut], scenario.name, at) };
}

async function lookAgain(
  scenario: Scenario,
  { disk, acknowledged }: PreparedHome,
  view: View,
): Promise<readonly Finding[]> {
  const run = new ScenarioRun({ files: disk.files, acknowledged: acknowledged.copy(), epoch: 2 });
  await unlessStopped(() => run.check(view));
  await run.close();
  return [...run.findings, ...checkRecovered(scenario, disk)];
}

import type { FileSystem } from "../../src/file-system/file-system.js";
import { logFolder } from "../../src/log/log-file.js";
import type { FileStep } from "../support/file-steps.js";
import { SeededRandom } from "../support/seeded-random.js";
import { SIMULATED_HOME, SimulatedDisk } from "../support/simulated-disk.js";
import { Tally } from "../support/tally.js";
import type { Acknowledgements } from "./acknowledgements.js";
import type { Finding, FindingKind } from "./check-threads.js";
import { CONVERSATION } from "./judge-error.js";
import type { Scenario } from "./scenario.js";
import { ScenarioRun, ScenarioStopped } from "./scenario-run.js";

/** A finding and how to come to it again. */
export interface PlacedFinding extends Finding {
  readonly scenario: string;
  readonly point: string;
}

/** What a suite tried of one scenario, and found. */
export interface SuiteResult {
  /** Calls of the port that the scenario makes: each is a point where something can happen. */
  readonly operations: number;
  /** Points that were tried. */
  readonly points: number;
  /** What was tried at all of them: errors, or disks that a power cut left. */
  readonly outcomes: number;
  readonly findings: readonly PlacedFinding[];
}

export interface SuiteOptions {
  readonly seed: number;
  /** How many points are tried of each kind: see {@link kindOf}. Default: all. */
  readonly pointsPerKind?: number;
  /** Only points at steps of this operation. Default: at all. */
  readonly operation?: FileStep["operation"];
  /** Ends the suite with the first finding of this kind. Default: everything is tried. */
  readonly until?: FindingKind;
  /** Put between the stores and the disk: how a bug is planted. */
  readonly wrap?: (files: FileSystem) => FileSystem;
}

/** What a step does; what it does to the commit log is of a kind of its own. */
export function kindOf({ operation, path }: FileStep): string {
  return path.startsWith(logFolder(SIMULATED_HOME)) ? `${operation} of the log` : operation;
}

/** Random numbers of a scenario's own, so that not all scenarios meet the same ones. */
export function randomOf({ name }: Scenario, { seed }: SuiteOptions): SeededRandom {
  return new SeededRandom([...Buffer.from(name)].reduce((sum, byte) => Math.imul(sum, 31) + byte, seed));
}

/** Whether a step is of the operation that is asked for. */
export function isAskedFor(step: FileStep, { operation }: SuiteOptions): boolean {
  return operation === undefined || step.operation === operation;
}

/** A home in the state that a scenario begins with. */
export interface PreparedHome {
  readonly disk: SimulatedDisk;
  readonly acknowledged: Acknowledgements;
}

export async function prepareHome({ prepare, leave }: Scenario): Promise<PreparedHome> {
  const disk = new SimulatedDisk();
  const run = new ScenarioRun({ files: disk.files });
  await prepare?.(run, disk);
  const left = leave && disk.copy();
  await run.close();
  if (left) leave(left, run.acknowledged);
  return { disk: (left ?? disk).copy(), acknowledged: run.acknowledged };
}

/** What a disk must keep for the user, though no thread has it any more. */
export function checkRecovered({ recovered = [] }: Scenario, disk: SimulatedDisk): Finding[] {
  const paths = disk.paths.filter((path) => path.startsWith(`${SIMULATED_HOME}/threadstore/recovered/`));
  const kept = paths.map((path) => disk.readBytes(path).toString()).join("");
  const lost = recovered.filter((text) => !kept.includes(`"${CONVERSATION}${text}"`));
  return lost.map((text) => ({ kind: "lost", detail: `${text} is not among what was recovered` }));
}

/** Runs a part of a scenario; what stops it is among the findings of the run. */
export async function unlessStopped(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ScenarioStopped)) throw error;
  }
}

/** Whether what a suite was looking for is found. */
export function isFound(findings: readonly Finding[], { until }: SuiteOptions): boolean {
  return findings.some(({ kind }) => kind === until);
}

export function placed(findings: readonly Finding[], scenario: string, point: string): PlacedFinding[] {
  return findings.map((finding) => ({ ...finding, scenario, point }));
}

const COUNTED = ["lost", "duplicated", "reordered", "hidden", "invented"] as const;

/** Counts what a suite tried and found; returns what adds one scenario to it. */
export function tallyOf(suite: string): (result: SuiteResult) => void {
  const tally = new Tally(suite, ["scenarios", "operations", "points", "outcomes", ...COUNTED, "other findings"]);
  return ({ operations, points, outcomes, findings }) => {
    tally.add("scenarios");
    tally.add("operations", operations);
    tally.add("points", points);
    tally.add("outcomes", outcomes);
    for (const { kind } of findings) tally.add(COUNTED.find((counted) => counted === kind) ?? "other findings");
  };
}

/** The findings of a suite, one line each. */
export function linesOf({ findings }: SuiteResult): string[] {
  return findings.map(({ kind, scenario, point, detail }) => `${kind} | ${scenario} | ${point} | ${detail}`);
}

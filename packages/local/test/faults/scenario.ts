import { join } from "node:path";
import { SIMULATED_HOME, type SimulatedDisk } from "../support/simulated-disk.js";
import { threadId } from "../support/written-home.js";
import { zstdFrame } from "../support/zstd-frame.js";
import type { Acknowledgements } from "./acknowledgements.js";
import type { ScenarioRun } from "./scenario-run.js";

/** A program whose every step may fail, and at whose every step the power may be cut. */
export interface Scenario {
  readonly name: string;
  /** What happens before on a disk that is well; everything of it is durable. */
  readonly prepare?: (run: ScenarioRun, disk: SimulatedDisk) => Promise<void>;
  /** What the end of that leaves of the disk when no store is closed; and of what was acknowledged. Default: they are. */
  readonly leave?: (disk: SimulatedDisk, acknowledged: Acknowledgements) => void;
  readonly work: (run: ScenarioRun, disk: SimulatedDisk) => Promise<void>;
  /** Texts that must be kept beside the threads in the end. */
  readonly recovered?: readonly string[];
}

export const A = threadId(1);
export const B = threadId(2);
export const C = threadId(3);

export const DAY_MS = 24 * 60 * 60 * 1_000;

export async function writeThread(run: ScenarioRun, id: string, historyMode: "paginated" | "legacy" = "paginated") {
  await run.create(id, { historyMode });
  await run.append(id, ["one", "two", "three"]);
  await run.shutdown(id);
}

/** A thread of two rollouts. */
export async function writeSegments(run: ScenarioRun, id: string): Promise<void> {
  await run.create(id);
  await run.append(id, ["one", "two", "three"]);
  await run.revert(id, 2);
  await run.append(id, ["four"]);
  await run.shutdown(id);
}

export function rolloutOf(disk: SimulatedDisk, id: string): string {
  const sessions = join(SIMULATED_HOME, "sessions");
  return disk.paths.find((path) => path.startsWith(sessions) && path.includes(id)) as string;
}

/** Leaves the beginning of a line at the end, as a killed process does. */
export function tear(disk: SimulatedDisk, path: string): void {
  disk.writeBytes(path, Buffer.concat([disk.readBytes(path), Buffer.from('{"timestamp":"2026-01-15T12:00:00.0')]));
}

export function compress(disk: SimulatedDisk, path: string): void {
  disk.writeBytes(`${path}.zst`, zstdFrame(disk.readBytes(path)));
  disk.files.removeFile(path);
}

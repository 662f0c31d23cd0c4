import { setImmediate as nextTurn } from "node:timers/promises";
import type { SeededRandom } from "./seeded-random.js";
import type { SimulatedDisk } from "./simulated-disk.js";

const TURNS = 20;

/** Lets every sync of a disk take many turns of the event loop: whoever does not wait for it is far ahead by then. */
export function longSyncs(disk: SimulatedDisk): void {
  disk.syncing = async () => {
    for (let turn = 0; turn < TURNS; turn++) await nextTurn();
  };
}

/** Lets the syncs of a disk take some turns of the event loop, and end in another order than they began in. */
export function slowSyncs(disk: SimulatedDisk, random: SeededRandom): void {
  const waiting: (() => void)[] = [];
  const pump = () => {
    // Now and then nothing ends, so that several come together.
    if (random.below(3) > 0) waiting.splice(random.below(waiting.length), 1)[0]?.();
    if (waiting.length > 0) setImmediate(pump);
  };
  disk.syncing = () =>
    new Promise((resolve) => {
      if (waiting.push(resolve) === 1) setImmediate(pump);
    });
}

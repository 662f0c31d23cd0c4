import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Grows when the same parameters make other files than before, so that homes made earlier are not used any more. */
const GENERATOR_VERSION = 1;

export const TEMPLATES = {
  paginated: templatePath("template-paginated.jsonl"),
  legacy: templatePath("template-legacy.jsonl"),
};

function templatePath(name) {
  return fileURLToPath(new URL(`../../fixtures/bench/${name}`, import.meta.url));
}

/**
 * What a bench home is made with. The end of its time is a parameter and not the present, so that the same parameters
 * always make the same bytes.
 *
 * @typedef {object} HomeParameters
 * @property {number} threads paginated threads of 4 turns: 76 lines, 20 items, 51 KB
 * @property {number} bigTurns turns of the one big paginated thread: 12 KB a turn; 0: there is none
 * @property {number} bigLegacyTurns turns of the one big legacy thread: 10 KB a turn; 0: there is none
 * @property {boolean} odd whether there are threads unlike the others: see odd-rollouts.mjs
 * @property {number} days over which the threads are spread
 * @property {number} endMs when the last day ends
 * @property {number} seed
 */
export const DEFAULT_HOME_PARAMETERS = {
  threads: 5_000,
  bigTurns: 24_000,
  bigLegacyTurns: 30_000,
  odd: true,
  days: 250,
  endMs: Date.UTC(2026, 10, 20),
  seed: 1,
};

/** Names a home by everything that decides what is in it. */
export function homeName(parameters) {
  const hash = createHash("sha256").update(JSON.stringify([GENERATOR_VERSION, Object.entries(parameters).sort()]));
  for (const path of Object.values(TEMPLATES)) hash.update(readFileSync(path));
  return hash.digest("hex").slice(0, 16);
}

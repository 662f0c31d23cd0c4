import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { TEMPLATES } from "./home-parameters.mjs";
import { writeOddRollouts } from "./odd-rollouts.mjs";
import { LATIN_WORDS } from "./prose.mjs";
import { RandomSource } from "./random-source.mjs";
import { readTemplate } from "./rollout-template.mjs";
import { writeRollout } from "./write-rollout.mjs";

/** Written last, so that a home with it is complete. */
export const DESCRIPTION_FILE = "bench.json";

const DAY_MS = 24 * 60 * 60 * 1000;
const THREAD_TURNS = 4;
const FOLDERS = 20;
const THREADS_PER_REPORT = 500;
/** The big threads lie in the first pages of every order, where lists meet them. */
const BIG_AGE_DAYS = 20;

/** Makes a bench home in an empty folder and returns its description. */
export async function generateHome(home, parameters, { onProgress }) {
  const maker = new HomeMaker(home, parameters);
  const threadIds = [];
  for (let index = 0; index < parameters.threads; index++) {
    const { threadId } = maker.write({
      name: `thread ${needleOf(index)} group-${index % 50}`,
      startMs: maker.timeAt(index / parameters.threads),
    });
    if (index % THREADS_PER_REPORT === 0) threadIds.push(threadId);
    if (index % THREADS_PER_REPORT === 0) onProgress(`${index} of ${parameters.threads} threads written`);
  }
  const odd = parameters.odd ? await writeOddRollouts(maker) : {};
  const big = maker.writeBig("big thread", { turns: parameters.bigTurns });
  const bigLegacy = maker.writeBig("big legacy thread", { turns: parameters.bigLegacyTurns, mode: "legacy" });
  const description = { parameters, threadIds, odd, big, bigLegacy };
  writeFileSync(join(home, DESCRIPTION_FILE), `${JSON.stringify(description, null, 2)}\n`);
  return description;
}

/** A word that only the questions of one thread hold. */
export function needleOf(index) {
  return `needle-${String(index).padStart(6, "0")}`;
}

/** Writes the threads of one home. Of the parameters it takes the seed and the days. */
export class HomeMaker {
  home;
  #parameters;
  #templates = { paginated: readTemplate(TEMPLATES.paginated), legacy: readTemplate(TEMPLATES.legacy) };

  constructor(home, parameters) {
    this.home = home;
    this.#parameters = parameters;
  }

  /** A time in the home's days, from 0 (the first) to 1. */
  timeAt(fraction) {
    const { endMs, days } = this.#parameters;
    return Math.floor(endMs - days * DAY_MS + fraction * (days - 1) * DAY_MS);
  }

  /**
   * Writes a thread. Its name decides everything random in it, so two homes have the same thread of a name; `plan`
   * overrides any field of a RolloutPlan.
   */
  write({ name, mode = "paginated", ...plan }) {
    const random = RandomSource.named(this.#parameters.seed, name);
    return writeRollout(this.home, {
      template: this.#templates[mode],
      threadId: random.uuid7(plan.startMs),
      turns: THREAD_TURNS,
      label: name,
      folder: `/home/dev/project-${random.below(FOLDERS)}`,
      words: LATIN_WORDS,
      random,
      pace: random,
      ...plan,
    });
  }

  writeBig(name, { turns, mode }) {
    if (turns === 0) return null;
    const startMs = this.#parameters.endMs - BIG_AGE_DAYS * DAY_MS;
    const { turnEnds: _turnEnds, ...written } = this.write({ name, mode, startMs, turns });
    return written;
  }
}

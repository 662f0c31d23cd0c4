import { prose } from "./prose.mjs";

const TURN_PAUSE_MS = { least: 1_000, spread: 5_000 };
const LINE_PAUSE_MS = { least: 7, spread: 30 };

/** Where the writing of a rollout stands: what goes into the slots of the next line of a template. */
export class RolloutScope {
  startMs;
  timeMs;
  folder;
  turnNumber = 0;
  #plan;
  #ids = new Map();
  #question;
  #answer;

  /** @param {import("./write-rollout.mjs").RolloutPlan} plan */
  constructor(plan) {
    this.#plan = plan;
    this.startMs = plan.startMs;
    this.timeMs = plan.startMs;
    this.folder = plan.folder;
  }

  /** Ids, numbers and texts are the same within a turn, others in the next. */
  beginTurn(turnNumber) {
    this.turnNumber = turnNumber;
    this.#ids.clear();
    this.#question = undefined;
    this.#answer = undefined;
    this.#passTime(TURN_PAUSE_MS);
  }

  beginLine() {
    this.#passTime(LINE_PAUSE_MS);
  }

  /** The id that stands for one of the template. */
  idFor(templateId) {
    const { template, threadId, random } = this.#plan;
    if (templateId === template.threadId) return threadId;
    const id = this.#ids.get(templateId) ?? random.uuid7(this.timeMs);
    this.#ids.set(templateId, id);
    return id;
  }

  question(length) {
    this.#question ??= this.#text(`Question ${this.turnNumber} of ${this.#plan.label}: `, length);
    return this.#question;
  }

  answer(length) {
    this.#answer ??= this.#text(`Answer ${this.turnNumber}: `, length);
    return this.#answer;
  }

  #text(beginning, length) {
    const { random, words } = this.#plan;
    return beginning + prose(random, { length: length - beginning.length, words });
  }

  #passTime({ least, spread }) {
    this.timeMs += least + this.#plan.pace.below(spread);
  }
}

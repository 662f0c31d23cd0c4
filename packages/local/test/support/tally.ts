import { afterAll } from "vitest";

/** Counts what a suite tried and found, and prints it in one line when the suite is over. */
export class Tally<Kind extends string> {
  readonly #counts: Map<Kind, number>;

  constructor(suite: string, kinds: readonly Kind[]) {
    this.#counts = new Map(kinds.map((kind) => [kind, 0]));
    afterAll(() => {
      // biome-ignore lint/suspicious/noConsole: a suite of faults says how much it tried.
      console.info(`${suite}: ${[...this.#counts].map(([kind, count]) => `${count} ${kind}`).join(", ")}`);
    });
  }

  add(kind: Kind, count = 1): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + count);
  }
}

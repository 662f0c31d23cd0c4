/** The seed of every random test: it never changes, so that what failed can be tried again. */
export const SEED = 20_261_120;

/** Random numbers that are the same for the same seed, so that whatever they find can be found again. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to, not including, 1. The generator is mulberry32. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to, not including, a bound. */
  below(bound: number): number {
    return Math.floor(this.fraction() * bound);
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  isChance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** One of several; undefined of none. */
  pick<T>(choices: readonly [T, ...T[]]): T;
  pick<T>(choices: readonly T[]): T | undefined;
  pick<T>(choices: readonly T[]): T | undefined {
    return choices[this.below(choices.length)];
  }

  /** Some of every kind, in their order; all of a kind when there are not more. */
  sampleEach<T>(all: readonly T[], kindOf: (one: T) => string, count: number): readonly T[] {
    const kinds = new Map<string, T[]>();
    for (const one of all) kinds.set(kindOf(one), [...(kinds.get(kindOf(one)) ?? []), one]);
    const taken = new Set([...kinds.values()].flatMap((ofKind) => this.#sample(ofKind, count)));
    return all.filter((one) => taken.has(one));
  }

  #sample<T>(all: readonly T[], count: number): readonly T[] {
    let wanted = Math.min(count, all.length);
    return all.filter((_one, at) => {
      const isTaken = this.fraction() < wanted / (all.length - at);
      if (isTaken) wanted--;
      return isTaken;
    });
  }
}

/** Random numbers that are the same for the same seed, so that a home can be made again byte for byte. */
export class RandomSource {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** A source whose numbers depend on a name too: what is made with it does not change when something else is added. */
  static named(seed, name) {
    let hash = 0x811c9dc5;
    for (const character of `${seed}:${name}`) hash = Math.imul(hash ^ character.codePointAt(0), 0x01000193);
    return new RandomSource(hash);
  }

  /** An integer from 0 up to but not including 2^32 (the generator mulberry32). */
  next32() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** A number from 0 up to but not including 1. */
  fraction() {
    return this.next32() / 2 ** 32;
  }

  /** An integer from 0 up to but not including `end`. */
  below(end) {
    return Math.floor(this.fraction() * end);
  }

  /** A UUID of version 7 for a time, as thread and turn ids are. */
  uuid7(ms) {
    const time = Math.floor(ms).toString(16).padStart(12, "0");
    const high = hex8(this.next32());
    const low = hex8(this.next32()) + hex8(this.next32());
    const variant = "89ab"[this.below(4)];
    return `${time.slice(0, 8)}-${time.slice(8)}-7${high.slice(0, 3)}-${variant}${high.slice(3, 6)}-${low.slice(0, 12)}`;
  }
}

function hex8(value) {
  return value.toString(16).padStart(8, "0");
}

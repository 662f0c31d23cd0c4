/** The high and low halves of the constants that the algorithm names. */
const P1 = [0x9e3779b1 | 0, 0x85ebca87 | 0] as const;
const P2 = [0xc2b2ae3d | 0, 0x27d4eb4f | 0] as const;
const P3 = [0x165667b1 | 0, 0x9e3779f9 | 0] as const;
const P4 = [0x85ebca77 | 0, 0xc2b2ae63 | 0] as const;
const P5 = [0x27d4eb2f | 0, 0x165667c5 | 0] as const;

type Wide = readonly [high: number, low: number];

const STRIPE_BYTES = 32;

/** The product or sum that was made last: pairs of numbers would have to be allocated for every eight bytes otherwise. */
let high = 0;
let low = 0;

/**
 * XXH64 with seed 0, of which a zstd frame keeps the low half as its checksum. The decoder that streams does not verify it,
 * and the one that verifies does not stream.
 *
 * @see https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md; RFC 8878, 3.1.1
 */
export class Xxh64 {
  /** Four lanes, high and low half of each. */
  readonly #lanes = new Int32Array(8);
  readonly #rest = new Uint8Array(STRIPE_BYTES);
  #restBytes = 0;
  #bytes = 0;

  constructor() {
    add(P1, P2);
    this.#setLane(0);
    [high, low] = P2;
    this.#setLane(1);
    [high, low] = [0, 0];
    this.#setLane(2);
    add([~P1[0], ~P1[1]], [0, 1]);
    this.#setLane(3);
  }

  update(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    let at = 0;
    if (this.#restBytes > 0) {
      at = Math.min(STRIPE_BYTES - this.#restBytes, bytes.length);
      this.#rest.set(bytes.subarray(0, at), this.#restBytes);
      this.#restBytes += at;
      if (this.#restBytes < STRIPE_BYTES) return;
      this.#stripe(this.#rest, 0);
      this.#restBytes = 0;
    }
    for (; at + STRIPE_BYTES <= bytes.length; at += STRIPE_BYTES) this.#stripe(bytes, at);
    this.#rest.set(bytes.subarray(at));
    this.#restBytes = bytes.length - at;
  }

  /** The low half of the hash of what was given so far, unsigned. */
  lowHalf(): number {
    if (this.#bytes >= STRIPE_BYTES) this.#mergeLanes();
    else [high, low] = P5;
    add([high, low], [Math.floor(this.#bytes / 2 ** 32), this.#bytes | 0]);
    this.#mixRest();
    xorShift(33);
    multiply(high, low, P2);
    xorShift(29);
    multiply(high, low, P3);
    xorShift(32);
    return low >>> 0;
  }

  #setLane(lane: number): void {
    this.#lanes[lane * 2] = high;
    this.#lanes[lane * 2 + 1] = low;
  }

  #stripe(bytes: Uint8Array, at: number): void {
    for (let lane = 0; lane < 4; lane++) {
      const place = at + lane * 8;
      round(
        [this.#lanes[lane * 2] as number, this.#lanes[lane * 2 + 1] as number],
        wordAt(bytes, place + 4),
        wordAt(bytes, place),
      );
      this.#setLane(lane);
    }
  }

  #lane(lane: number): Wide {
    return [this.#lanes[lane * 2] as number, this.#lanes[lane * 2 + 1] as number];
  }

  #mergeLanes(): void {
    let sum: Wide = [0, 0];
    for (const [lane, bits] of [1, 7, 12, 18].entries()) {
      [high, low] = this.#lane(lane);
      rotateLeft(bits);
      add(sum, [high, low]);
      sum = [high, low];
    }
    for (let lane = 0; lane < 4; lane++) {
      const [laneHigh, laneLow] = this.#lane(lane);
      round([0, 0], laneHigh, laneLow);
      [high, low] = [sum[0] ^ high, sum[1] ^ low];
      multiply(high, low, P1);
      add([high, low], P4);
      sum = [high, low];
    }
  }

  #mixRest(): void {
    let at = 0;
    for (; at + 8 <= this.#restBytes; at += 8) {
      const sum: Wide = [high, low];
      round([0, 0], wordAt(this.#rest, at + 4), wordAt(this.#rest, at));
      this.#mix(sum, 27, [P1, P4]);
    }
    if (at + 4 <= this.#restBytes) {
      const sum: Wide = [high, low];
      multiply(0, wordAt(this.#rest, at), P1);
      this.#mix(sum, 23, [P2, P3]);
      at += 4;
    }
    for (; at < this.#restBytes; at++) {
      const sum: Wide = [high, low];
      multiply(0, this.#rest[at] as number, P5);
      this.#mix(sum, 11, [P1, null]);
    }
  }

  /** Mixes the last product into a sum. */
  #mix(sum: Wide, bits: number, [factor, addend]: readonly [Wide, Wide | null]): void {
    [high, low] = [sum[0] ^ high, sum[1] ^ low];
    rotateLeft(bits);
    multiply(high, low, factor);
    if (addend) add([high, low], addend);
  }
}

function round(lane: Wide, inputHigh: number, inputLow: number): void {
  multiply(inputHigh, inputLow, P2);
  add(lane, [high, low]);
  rotateLeft(31);
  multiply(high, low, P1);
}

function wordAt(bytes: Uint8Array, at: number): number {
  const [a, b, c, d] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]] as [number, number, number, number];
  return a | (b << 8) | (c << 16) | (d << 24);
}

function add(a: Wide, b: Wide): void {
  const sum = (a[1] >>> 0) + (b[1] >>> 0);
  high = (a[0] + b[0] + (sum > 0xffffffff ? 1 : 0)) | 0;
  low = sum | 0;
}

function multiply(aHigh: number, aLow: number, [bHigh, bLow]: Wide): void {
  const [a0, a1, b0, b1] = [aLow & 0xffff, aLow >>> 16, bLow & 0xffff, bLow >>> 16];
  const [low01, low10] = [a0 * b1, a1 * b0];
  const middle = ((a0 * b0) >>> 16) + (low01 & 0xffff) + (low10 & 0xffff);
  const carried = a1 * b1 + (low01 >>> 16) + (low10 >>> 16) + (middle >>> 16);
  high = (carried + Math.imul(aHigh, bLow) + Math.imul(aLow, bHigh)) | 0;
  low = Math.imul(aLow, bLow);
}

function rotateLeft(bits: number): void {
  if (bits >= 32) [high, low] = [low, high];
  const by = bits & 31;
  [high, low] = [(high << by) | (low >>> (32 - by)), (low << by) | (high >>> (32 - by))];
}

function xorShift(bits: number): void {
  const isFar = bits >= 32;
  const by = bits & 31;
  const shiftedHigh = isFar ? 0 : high >>> by;
  const shiftedLow = isFar ? high >>> by : (low >>> by) | (high << (32 - by));
  high ^= shiftedHigh;
  low ^= shiftedLow;
}

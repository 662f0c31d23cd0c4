// Times pages of the turns of one thread whose turns are indexed: at its end, in its middle, and all over it. The number of
// its lines is an argument, after the home and the thread.
import { encodeOrdinalCursor } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import { medianTimeMs } from "../measure/median-time.mjs";
import { peakMemoryMb } from "../measure/peak-memory.mjs";

/** Places that are gone to in turn, in steps that are no neighbours of one another. */
const PLACES = 101;
const PLACES_STEP = 37;

const [home, threadId, lines] = process.argv.slice(2);
const store = openLocalThreadStore({ home });
let place = 0;
const timesMs = {
  end: await medianTimeMs(() => readPage({})),
  middle: await medianTimeMs(() => readPage({ cursor: cursorAt(0.5) })),
  anywhere: await medianTimeMs(() => readPage({ cursor: cursorAt(nextFraction()) })),
};
await store[Symbol.asyncDispose]();
console.log(JSON.stringify({ timesMs, memoryMb: peakMemoryMb() }));

function readPage(query) {
  return store.listTurns({ threadId, pageSize: 20, ...query });
}

/** A whole page stands before each place. */
function cursorAt(fraction) {
  const ordinal = Math.floor(Number(lines) * (0.2 + 0.8 * fraction));
  return encodeOrdinalCursor({ threadId, kind: "turns" }, { ordinal, inclusive: true });
}

function nextFraction() {
  place = (place + PLACES_STEP) % PLACES;
  return place / PLACES;
}

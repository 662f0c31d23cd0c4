import { quantile } from "./quantile.mjs";

/** Pages whose times are not counted: the first ones run before the compiler of the engine has looked at the code. */
const WARM_UP_PAGES = 50;
const COUNTED_PAGES = 200;

/**
 * Goes through consecutive pages, each asked for with the cursor of the one before; the first one has none and is not
 * counted. Resolves to the times of a page in milliseconds.
 */
export async function walkPages(readPage) {
  const times = [];
  let { nextCursor: cursor } = await readPage({});
  for (let page = 0; page < WARM_UP_PAGES + COUNTED_PAGES && cursor; page++) {
    const startedMs = performance.now();
    const { nextCursor } = await readPage({ cursor });
    times.push(performance.now() - startedMs);
    cursor = nextCursor;
  }
  const counted = times.length > WARM_UP_PAGES ? times.slice(WARM_UP_PAGES) : times;
  if (counted.length === 0) throw new Error("there is only one page: a bench of pages needs a longer thread");
  return { pages: counted.length, p50Ms: quantile(counted, 0.5), p95Ms: quantile(counted, 0.95) };
}

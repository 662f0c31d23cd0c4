const LIMIT_DEFAULT = 25;
const LIMIT_MAX = 100;

/** How many rows a page of the API has: 0 counts as 1, more than 100 as 100. */
export function pageLimitOf(limit: number | null | undefined): number {
  return Math.min(Math.max(limit ?? LIMIT_DEFAULT, 1), LIMIT_MAX);
}

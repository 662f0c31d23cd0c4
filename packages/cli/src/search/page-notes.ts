/** What there is of a page. */
interface PageFacts {
  readonly data: readonly unknown[];
  readonly missing?: number;
}

/** What a page of a search does not show, a line each, so that nobody takes a part for all there is. */
export function pageNotes({ data, missing = 0 }: PageFacts): string[] {
  const nothing = data.length === 0 ? ["nothing found"] : [];
  if (missing === 0) return nothing;
  const leftOut =
    missing === 1 ? "1 thread is not indexed yet and was" : `${missing} threads are not indexed yet and were`;
  return [...nothing, `${leftOut} left out; --complete looks through them`];
}

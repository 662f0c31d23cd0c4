/** Work that took too long. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

/**
 * Runs work for at most so many milliseconds (null: as many as it takes), or until the signal is aborted. Its own signal is aborted
 * then, and nothing is waited for that does not heed it. Work that is to be stopped already is not begun.
 */
export async function withinTime<T>(
  maxMs: number | null,
  outer: AbortSignal,
  work: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  outer.throwIfAborted();
  const stopper = new AbortController();
  const onAbort = () => stopper.abort(outer.reason);
  const stopped = new Promise<never>((_resolve, reject) => {
    stopper.signal.addEventListener("abort", () => reject(stopper.signal.reason), { once: true });
  });
  outer.addEventListener("abort", onAbort, { once: true });
  const tooLate = () => stopper.abort(new TimeoutError(`it took more than ${maxMs} ms and was stopped`));
  const timer = maxMs === null ? undefined : setTimeout(tooLate, maxMs);
  try {
    return await Promise.race([stopped, Promise.resolve().then(() => work(stopper.signal))]);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener("abort", onAbort);
  }
}

import { internal, invalidRequest, ThreadStoreError, unavailable } from "../store/errors.js";
import type { CallOptions } from "../store/params.js";

/**
 * Runs one call under its signal and deadline. The work is told to stop, but what it has already accepted stays
 * accepted: the caller only stops waiting for it.
 */
export function runCall<T>(
  operation: string,
  options: CallOptions | undefined,
  work: (options: CallOptions) => Promise<T>,
): Promise<T> {
  // Most calls have neither, and need not be waited for twice.
  if (options?.signal === undefined && options?.deadlineMs === undefined) return work({});
  return runBounded(operation, options, work);
}

async function runBounded<T>(
  operation: string,
  options: CallOptions,
  work: (options: CallOptions) => Promise<T>,
): Promise<T> {
  const scope = openScope(operation, options);
  try {
    scope.signal.throwIfAborted();
    return await Promise.race([work({ signal: scope.signal }), rejectedOnAbort(scope.signal)]);
  } finally {
    scope.close();
  }
}

/** The same for a call that answers in pieces: the bound holds for each piece. */
export async function* runStream<T>(
  operation: string,
  options: CallOptions | undefined,
  work: (options: CallOptions) => AsyncIterable<T>,
): AsyncGenerator<T> {
  if (options?.signal === undefined && options?.deadlineMs === undefined) {
    yield* work({});
    return;
  }
  const scope = openScope(operation, options);
  try {
    scope.signal.throwIfAborted();
    const pieces = work({ signal: scope.signal })[Symbol.asyncIterator]();
    yield* raced(pieces, rejectedOnAbort(scope.signal));
  } finally {
    scope.close();
  }
}

/** Passes pieces on until they end or the abort comes first; either way the source is closed. */
async function* raced<T>(pieces: AsyncIterator<T>, aborted: Promise<never>): AsyncGenerator<T> {
  let isPending = false;
  try {
    for (;;) {
      isPending = true;
      const step = await Promise.race([pieces.next(), aborted]);
      isPending = false;
      if (step.done) return;
      yield step.value;
    }
  } finally {
    const closed = pieces.return?.();
    // A source that is still at work on a piece closes when it is done with it; nobody waits for that.
    if (isPending) closed?.catch(() => {});
    else await closed;
  }
}

/** What a driver lets slip is a fault of ours: it keeps its cause and becomes `internal`. */
export function asStoreError(operation: string, error: unknown): ThreadStoreError {
  if (error instanceof ThreadStoreError) return error;
  return internal(`${operation} failed: ${(error as Error)?.name ?? "error"}`, error);
}

interface CallScope {
  readonly signal: AbortSignal;
  close(): void;
}

function openScope(operation: string, options: CallOptions): CallScope {
  const { signal, deadlineMs } = options;
  if (deadlineMs !== undefined && !(Number.isFinite(deadlineMs) && deadlineMs >= 0)) {
    throw invalidRequest(`${operation}: deadlineMs must be a number of 0 or more, found ${deadlineMs}`);
  }
  const controller = new AbortController();
  const cancel = () => controller.abort(unavailable(`${operation} was cancelled by its caller`, signal?.reason));
  if (signal?.aborted) cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  const timer = deadlineTimer(deadlineMs, () =>
    controller.abort(unavailable(`${operation} did not end within its deadline of ${deadlineMs} ms`)),
  );
  return {
    signal: controller.signal,
    close: () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", cancel);
    },
  };
}

function deadlineTimer(deadlineMs: number | undefined, expire: () => void): ReturnType<typeof setTimeout> | undefined {
  if (deadlineMs === undefined) return undefined;
  return setTimeout(expire, Math.min(deadlineMs, TIMER_MAX_MS));
}

/** The longest a timer can wait; later deadlines are this long. */
const TIMER_MAX_MS = 2 ** 31 - 1;

function rejectedOnAbort(signal: AbortSignal): Promise<never> {
  const rejection = new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  // The race may be over when the signal fires: nobody is left to hear of it then.
  rejection.catch(() => {});
  return rejection;
}

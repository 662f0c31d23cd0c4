import { BrokenAnswerError } from "./model-failure.js";

/** The events of a stream, which is given up when none comes for so many milliseconds. */
export async function* withIdleLimit<T>(
  stream: AsyncIterable<T>,
  options: { readonly idleMaxMs: number; readonly giveUp: () => void },
): AsyncGenerator<T> {
  const { idleMaxMs, giveUp } = options;
  const events = stream[Symbol.asyncIterator]();
  for (;;) {
    const next = events.next();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const idle = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        giveUp();
        reject(new BrokenAnswerError(`the model said nothing for ${idleMaxMs} ms`));
      }, idleMaxMs);
    });
    // When the stream is given up its last step fails too; that is not told twice.
    next.catch(() => undefined);
    try {
      const { done, value } = await Promise.race([next, idle]);
      if (done) return;
      yield value;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Does something later; injected, so that a test decides when that is. */
export interface Timers {
  /** Does work once, unless it is cancelled before. */
  after(ms: number, work: () => void): Cancel;
}

export type Cancel = () => void;

/** Timers that keep no process alive. */
export const quietTimers: Timers = {
  after: (ms, work) => {
    const timer = setTimeout(work, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

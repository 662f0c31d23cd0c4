/** A turn that lasts longer keeps timers, sockets and other processes waiting. */
const TURN_MAX_MS = 10;

let startedMs: number | undefined;
let endings: (() => void)[] = [];

/** Runs work when the present turn of the event loop is over. */
export function atTurnEnd(work: () => void): void {
  begin();
  endings.push(work);
}

/** Runs work still in this turn; or in the next one, when this one lasts for long already. */
export function soonInTurn(work: () => void): void {
  begin();
  if (performance.now() - (startedMs ?? 0) < TURN_MAX_MS) queueMicrotask(work);
  else setImmediate(work);
}

function begin(): void {
  if (startedMs !== undefined) return;
  startedMs = performance.now();
  setImmediate(end);
}

function end(): void {
  const ended = endings;
  startedMs = undefined;
  endings = [];
  for (const work of ended) work();
}

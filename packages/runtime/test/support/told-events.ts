import type { LaggedEvent, ManagerEvent, ThreadEvent } from "../../src/index.js";

type Told = ThreadEvent | ManagerEvent | LaggedEvent;

/** Each event in a word or two, the order kept. */
export function wordsOf(events: readonly Told[]): string[] {
  return events.map(wordOf);
}

/** All that a reader is told until the events end. */
export async function allOf<T>(events: AsyncIterable<T>): Promise<T[]> {
  const told: T[] = [];
  for await (const event of events) told.push(event);
  return told;
}

/** The next so many events. */
export async function nextOf<T>(events: AsyncIterator<T, undefined>, count: number): Promise<T[]> {
  const told: T[] = [];
  while (told.length < count) {
    const { done, value } = await events.next();
    if (done) break;
    told.push(value);
  }
  return told;
}

function wordOf(event: Told): string {
  switch (event.type) {
    case "statusChanged":
      return [event.status.type, ...("waitingOn" in event.status ? event.status.waitingOn : [])].join(" ");
    case "itemStarted":
    case "itemCompleted":
      return `${event.type} ${event.item.type}`;
    case "messageDelta":
    case "reasoningDelta":
      return `${event.type} ${event.delta}`;
    case "turnEnded":
      return `turnEnded ${event.status}`;
    case "tokens":
      return `tokens ${event.last.totalTokens} of ${event.total.totalTokens}`;
    case "warning":
      return `warning ${event.message}`;
    case "lagged":
      return `lagged ${event.missed}`;
    default:
      return event.type;
  }
}

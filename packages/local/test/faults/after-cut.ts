import { type Acknowledgements, type AskedItem, confirmAbsent } from "./acknowledgements.js";
import type { SeenThreads } from "./check-threads.js";
import { goOn, repeatKeys, resumePending } from "./go-on.js";
import type { ScenarioRun } from "./scenario-run.js";

/** Looks at a home after a power cut, and goes on in it: what is there then is there, and stays. */
export async function settleAfterCut(run: ScenarioRun): Promise<void> {
  const seen = await run.check("afterCut");
  takeAsIs(run.acknowledged, seen);
  await resumePending(run);
  await repeatKeys(run, seen);
  await goOn(run, "after the cut");
  await run.close();
  await run.check("now");
}

/** From here on it counts what was found. */
function takeAsIs({ threads }: Acknowledgements, seen: SeenThreads): void {
  for (const thread of threads.values()) {
    const { thread: found, texts, facts } = seen.get(thread.threadId) ?? { thread: null, texts: [], facts: new Map() };
    thread.liveIn = null;
    if (!found) {
      confirmAbsent(thread);
      thread.now = [null, thread.current];
      thread.current.parts.length = 0;
      thread.current.parts.push([]);
      thread.facts.clear();
      continue;
    }
    const items = texts.map((text): AskedItem => ({ text, state: "durable" }));
    thread.current = { parts: [items] };
    thread.now = [thread.current];
    for (const [fact, value] of facts) thread.facts.set(fact, [value]);
  }
}

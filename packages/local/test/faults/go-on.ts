import type { AskedItem, ThreadAcknowledgements } from "./acknowledgements.js";
import type { SeenThreads } from "./check-threads.js";
import { CONVERSATION } from "./judge-error.js";
import type { ScenarioRun } from "./scenario-run.js";

/** Does again what was asked of whole threads and not answered. */
export async function resumePending(run: ScenarioRun): Promise<void> {
  for (const { threadId, pending } of run.acknowledged.threads.values()) if (pending) await run[pending](threadId);
}

/** Every thread that is there takes another item, and survives with it. */
export async function goOn(run: ScenarioRun, text: string): Promise<void> {
  for (const thread of run.acknowledged.threads.values()) {
    const { threadId, liveIn, now } = thread;
    if (!now.some((version) => version !== null)) continue;
    run.switchTo(liveIn ?? "first");
    if (liveIn === null) await openAgain(run, thread);
    await run.append(threadId, [`${text}-${threadId.slice(-2)}`]);
    await run.shutdown(threadId);
  }
}

/** A thread that nothing was written to, or that a power cut took, can be created. */
async function openAgain(run: ScenarioRun, { threadId, historyMode, now }: ThreadAcknowledgements): Promise<void> {
  const isThere = !now.includes(null) || (await run.look()).get(threadId)?.thread;
  await (isThere ? run.resume(threadId) : run.create(threadId, { historyMode }));
}

/** Repeats what was appended with keys: what is durable is known, and what is not there is stored once. */
export async function repeatKeys(run: ScenarioRun, seen: SeenThreads): Promise<void> {
  for (const { threadId, keyed } of run.acknowledged.threads.values()) {
    const { texts = [], thread } = seen.get(threadId) ?? {};
    const isThere = ({ text }: AskedItem) => texts.includes(text);
    const durable = keyed.filter(({ items }) => items.every((item) => item.state === "durable" && isThere(item)));
    const missing = keyed.filter(({ items }) => !items.some(isThere));
    if (!thread || durable.length + missing.length === 0) continue;
    await run.resume(threadId);
    for (const { key } of durable) await run.repeat(threadId, key);
    for (const { key, items } of missing) {
      const again = items.map(({ text }) => text.slice(CONVERSATION.length));
      await run.append(threadId, again, { key });
    }
    await run.shutdown(threadId);
  }
}

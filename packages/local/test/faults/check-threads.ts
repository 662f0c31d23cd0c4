import { isThreadStoreError, type StoredItem, type StoredThread, type ThreadStore } from "@threadstore/core";
import { type Acknowledgements, itemsOf, type ThreadAcknowledgements, type Version } from "./acknowledgements.js";

export type FindingKind = "lost" | "duplicated" | "reordered" | "hidden" | "invented" | "error" | "stuck" | "leaked";

/** Something that must not be. */
export interface Finding {
  readonly kind: FindingKind;
  readonly detail: string;
}

/** Whether a power cut came between the acknowledgements and the look. */
export type View = "now" | "afterCut";

/** A thread as a store shows it. */
interface SeenThread {
  readonly thread: StoredThread | null;
  readonly texts: readonly string[];
  readonly facts: ReadonlyMap<string, unknown>;
}

export type SeenThreads = ReadonlyMap<string, SeenThread>;

/** Reads everything that was ever asked for. */
export async function lookAtThreads(store: ThreadStore, acknowledged: Acknowledgements): Promise<SeenThreads> {
  const seen = new Map<string, SeenThread>();
  for (const { threadId, facts } of acknowledged.threads.values()) {
    const thread = await orMissing(store.readThread({ threadId, includeArchived: true }));
    const history = await orMissing(store.loadHistory({ threadId, includeArchived: true }));
    const edges = await store.listThreadSpawnEdges({ threadId });
    const factOf = (fact: string) => {
      if (!fact.startsWith(CHILD)) return thread && threadFact(thread, fact);
      return edges.find(({ childThreadId }) => childThreadId === fact.slice(CHILD.length))?.status;
    };
    seen.set(threadId, {
      thread,
      texts: (history?.items ?? []).flatMap(textOf),
      facts: new Map([...facts.keys()].map((fact) => [fact, factOf(fact)])),
    });
  }
  return seen;
}

/** The name of the fact that a thread has a child. */
export const CHILD = "child ";

/** What of a thread is not as it was acknowledged. */
export function compareThreads(seen: SeenThreads, acknowledged: Acknowledgements, view: View): Finding[] {
  return [...acknowledged.threads.values()].flatMap((thread) =>
    compareThread(seen.get(thread.threadId) as SeenThread, thread, view),
  );
}

function compareThread(seen: SeenThread, asked: ThreadAcknowledgements, view: View): Finding[] {
  const versions = asked[view];
  if (seen.thread === null) {
    if (versions.includes(null)) return [];
    return [{ kind: "hidden", detail: `thread ${asked.threadId} is not there` }];
  }
  const present = versions.filter((version) => version !== null);
  const fitting = present.find((version) => isVersion(version, seen.texts, view));
  if (!fitting) {
    const expected = present.at(-1);
    if (!expected) return [{ kind: "invented", detail: `thread ${asked.threadId} is there: ${seen.texts.join()}` }];
    return [differenceOf(expected, seen.texts, { threadId: asked.threadId, view })];
  }
  return [...asked.facts].flatMap(([fact, values]) => compareFact(asked.threadId, { fact, values, seen }));
}

function compareFact(
  threadId: string,
  { fact, values, seen }: { fact: string; values: readonly unknown[]; seen: SeenThread },
): Finding[] {
  const found = seen.facts.get(fact);
  if (values.some((value) => JSON.stringify(value) === JSON.stringify(found))) return [];
  const expected = values.map((value) => JSON.stringify(value)).join(" or ");
  return [{ kind: "lost", detail: `${fact} of thread ${threadId} is ${JSON.stringify(found)}, not ${expected}` }];
}

/** Whether a history is this one. After a power cut each rollout may end sooner, behind what was flushed. */
function isVersion(version: Version, texts: readonly string[], view: View): boolean {
  let at = 0;
  for (const part of version.parts) {
    let hasEnded = false;
    for (const { text, state } of part.filter((item) => item.state !== "refused")) {
      if (!hasEnded && texts[at] === text) {
        at++;
        continue;
      }
      if (state === "durable" || (view === "now" && state === "stored")) return false;
      hasEnded = view === "afterCut";
    }
  }
  return at === texts.length;
}

function differenceOf(
  version: Version,
  texts: readonly string[],
  { threadId, view }: { threadId: string; view: View },
): Finding {
  const items = itemsOf(version);
  const kept = items.filter(({ state }) => state === "durable" || (view === "now" && state === "stored"));
  const allowed = new Set(items.filter(({ state }) => state !== "refused").map(({ text }) => text));
  const order = items.map(({ text }) => text).filter((text) => texts.includes(text));
  const detail = `thread ${threadId} has [${texts.join(" ")}], acknowledged was [${items
    .map(({ text, state }) => `${text}:${state}`)
    .join(" ")}]`;
  if (kept.some(({ text }) => !texts.includes(text))) return { kind: "lost", detail };
  if (new Set(texts).size < texts.length) return { kind: "duplicated", detail };
  if (texts.some((text) => !allowed.has(text))) return { kind: "invented", detail };
  if (order.join() !== texts.join()) return { kind: "reordered", detail };
  return { kind: "lost", detail: `a gap: ${detail}` };
}

/** Every thread that can be read is listed once, and no other one. */
export async function compareLists(store: ThreadStore, seen: SeenThreads): Promise<Finding[]> {
  const pages = [false, true].map((archived) => store.listThreads({ sources: "all", archived, pageSize: 1_000 }));
  const [active = [], archived = []] = (await Promise.all(pages)).map(({ data }) => data.map((row) => row.threadId));
  const listed = [...active, ...archived];
  const findings: Finding[] = [];
  for (const [threadId, { thread }] of seen) {
    const count = listed.filter((id) => id === threadId).length;
    if (thread && count === 0) findings.push({ kind: "hidden", detail: `thread ${threadId} is in no list` });
    if (!thread && count > 0) findings.push({ kind: "invented", detail: `thread ${threadId} is listed but not there` });
    if (count > 1) findings.push({ kind: "duplicated", detail: `thread ${threadId} is listed ${count} times` });
    const isListedRight = (thread?.archivedAt === undefined ? active : archived).includes(threadId);
    if (thread && count === 1 && !isListedRight) findings.push({ kind: "hidden", detail: `${threadId}: wrong list` });
  }
  return findings;
}

function threadFact(thread: StoredThread, fact: string): unknown {
  if (fact === "archived") return thread.archivedAt === undefined ? undefined : true;
  if (fact === "branch") return thread.gitInfo?.branch;
  return thread[fact as keyof StoredThread];
}

function textOf({ json }: StoredItem): string[] {
  const item = JSON.parse(json) as { type: string; payload: { content?: readonly { text?: string }[] } };
  return item.type === "session_meta" ? [] : [item.payload.content?.[0]?.text ?? `an item of type ${item.type}`];
}

async function orMissing<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (isThreadStoreError(error, "thread_not_found")) return null;
    throw error;
  }
}

import type { AgentInputItem, Session } from "@openai/agents-core";
import {
  newThreadId,
  parseThreadId,
  type StoredItem,
  systemClock,
  systemIds,
  type ThreadId,
  ThreadStoreError,
} from "@threadstore/core";
import { compactionRecord } from "../history/item-record.js";
import { startOfItem } from "../history/item-start.js";
import { readSessionHistory, type SessionItem } from "../history/session-history.js";
import { foldOpenTurn, type OpenTurn } from "../turn/open-turn.js";
import { TurnScribe } from "../turn/turn-scribe.js";
import type { StoredForms } from "../wire/stored-form.js";
import type { ThreadStoreSessionOptions } from "./session-options.js";
import { SessionThread } from "./session-thread.js";

/** What is known of a thread while it is written to. */
interface Place {
  readonly forms: StoredForms;
  readonly scribe: TurnScribe;
}

/**
 * A session of the OpenAI Agents SDK, kept as a thread of any store. Items come back as they were added; people see the turns of
 * the conversation, and the real Codex can go on with it. Calls on one session follow one another. The first write opens the
 * thread's one writer, `close` shuts it down; a closed session opens again when it is written to.
 *
 * @throws ThreadStoreError `invalid_request` the thread id is none; from its methods what the store throws.
 * @see docs/openai-agents.md
 */
export class ThreadStoreSession implements Session, AsyncDisposable {
  readonly threadId: ThreadId;
  readonly #options: ThreadStoreSessionOptions;
  readonly #thread: SessionThread;
  /** Absent until it is needed, and after anything that it does not tell of. */
  #place: Place | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ThreadStoreSessionOptions) {
    const threadId = parseThreadId(options.threadId ?? newThreadId());
    if (!threadId)
      throw new ThreadStoreError("invalid_request", `a session needs a thread id, not ${options.threadId}`);
    this.threadId = threadId;
    this.#options = options;
    this.#thread = new SessionThread(threadId, options);
  }

  async getSessionId(): Promise<string> {
    return this.threadId;
  }

  /** The items that a model is told, the oldest first; of `limit` items the newest ones. */
  getItems(limit?: number): Promise<AgentInputItem[]> {
    return this.#inTurn(async () => {
      const items = readSessionHistory(await this.#thread.loadHistory()).items.map(({ item }) => item);
      return limit === undefined ? items : items.slice(limit > 0 ? -limit : items.length);
    });
  }

  /** Adds items, all or none. They stay from then on, as far as the store promises. @throws `conflict` another writer. */
  addItems(items: AgentInputItem[]): Promise<void> {
    return this.#inTurn(async () => {
      if (items.length === 0) return;
      const { forms, scribe } = await this.#open();
      await this.#changing(async () => {
        await this.#thread.append(await scribe.record(items.map((item) => forms.write(item))));
      });
    });
  }

  /** Takes the last item back. @throws `unsupported` the store cannot revert; `invalid_request` a legacy thread. */
  popItem(): Promise<AgentInputItem | undefined> {
    return this.#inTurn(async () => {
      const history = await this.#thread.loadHistory();
      const { items, forms } = readSessionHistory(history);
      const last = items.at(-1);
      if (!last) return undefined;
      await this.#thread.open();
      this.#place = undefined;
      await this.#thread.revertTo(startOfItem(history, last.ordinal));
      // A compaction left several items at one place: the others are put there again.
      const others = items.slice(0, -1).filter(({ ordinal }) => ordinal === last.ordinal);
      if (isOfCompaction(history, last)) {
        await this.#thread.append([compactionRecord(others.map(({ item }) => forms.write(item)))]);
      }
      return last.item;
    });
  }

  /** Takes all items back; the thread stays. @throws as `popItem`. */
  clearSession(): Promise<void> {
    return this.#inTurn(async () => {
      const first = (await this.#thread.loadHistory()).find(({ item }) => item.type !== "session_meta");
      if (!first) return;
      await this.#thread.open();
      this.#place = undefined;
      await this.#thread.revertTo(first.ordinal);
    });
  }

  /** Puts items, a compaction first, in the place of all before them; people still see what was said. Needs no reverting. */
  replaceHistoryWithCompaction([compaction, ...items]: AgentInputItem[]): Promise<void> {
    return this.#inTurn(async () => {
      const { forms, scribe } = await this.#open();
      await this.#changing(async () => {
        const compacted = compactionRecord(compaction ? [forms.write(compaction)] : []);
        const added = await scribe.record(items.map((item) => forms.write(item)));
        await this.#thread.append([compacted, ...added]);
      });
    });
  }

  /** Shuts the thread's writer down, so that others can write to it. A failed one can be tried again. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      this.#place = undefined;
      await this.#thread.close();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Runs a call when those before it are done, however they ended. */
  #inTurn<T>(call: () => Promise<T>): Promise<T> {
    const result = this.#last.then(call, call);
    this.#last = result;
    return result;
  }

  async #open(): Promise<Place> {
    if (this.#place) return this.#place;
    await this.#thread.open();
    const history = await this.#thread.loadHistory();
    const { clock = systemClock, ids = systemIds, historyMode = "paginated", model = "unknown" } = this.#options;
    const stored = await this.#thread.find();
    const settings = { cwd: stored?.cwd ?? this.#options.metadata?.cwd ?? process.cwd(), model };
    const options = { threadId: this.threadId, historyMode: stored?.historyMode ?? historyMode, settings, clock, ids };
    const scribe = new TurnScribe(options, openTurnOf(history));
    this.#place = { forms: readSessionHistory(history).forms, scribe };
    return this.#place;
  }

  /** After a write that failed, the thread itself tells where it stands. */
  async #changing(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      this.#place = undefined;
      throw error;
    }
  }
}

function openTurnOf(history: readonly StoredItem[]): OpenTurn | null {
  return history.reduce<OpenTurn | null>((open, { item }) => foldOpenTurn(open, item), null);
}

function isOfCompaction(history: readonly StoredItem[], { ordinal }: SessionItem): boolean {
  return history.find((stored) => stored.ordinal === ordinal)?.item.type === "compacted";
}

import type { IdSource, ThreadId } from "@threadstore/core";
import type { Flushable } from "./flushable.js";
import { LogFile, type LoggedHome } from "./log-file.js";
import type { UnsyncedBytes } from "./unsynced-tail.js";

export interface CommitLogOptions extends LoggedHome {
  readonly ids: IdSource;
  /** A file of the log that is longer is not written any more until its bytes are in their own files. Default 8 MiB. */
  readonly fileMaxBytes?: number;
}

const FILE_MAX_BYTES = 8 * 1024 * 1024;

interface Request {
  readonly thread: Flushable;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Makes the flushes of many threads of one process cheap: those that come while the disk is busy are put down together in a
 * log and cost one sync; the threads' own files are synced later, all at once. A single waiting thread has its own file
 * synced, and never pays for the log.
 *
 * @see docs/commit-log.md
 */
export class CommitLog {
  readonly #options: CommitLogOptions;
  #queue: Request[] = [];
  #running: Promise<void> | undefined;
  #current: LogFile | undefined;
  /** Files that hold bytes which are not known to be in their own files. */
  readonly #retired = new Set<LogFile>();
  #spare: LogFile | undefined;
  #checkpoint: Promise<void> | undefined;

  constructor(options: CommitLogOptions) {
    this.#options = options;
  }

  /** Resolves when everything that was written to a thread before survives a power cut. */
  flush(thread: Flushable): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ thread, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when the log is not needed for a thread any more, whose files may be moved then. */
  async release(thread: Flushable): Promise<void> {
    const holding = this.#files().filter((file) => file.needs(thread));
    if (holding.length === 0) return;
    await thread.sync();
    for (const file of holding) file.release(thread);
  }

  /** A thread is given back though the log may be needed for it: from here on its files are synced as anybody's. */
  leave(thread: Flushable): void {
    for (const file of this.#files()) file.leave(thread);
  }

  /** Resolves when nothing of a thread is in the log. */
  async purge(threadId: ThreadId): Promise<void> {
    if (this.#files().some((file) => file.holds(threadId))) await this.#turnOver();
    await this.#checkpoint;
  }

  /** Has every thread's own files synced, and removes the log. What cannot be synced stays for who opens the home next. */
  async close(): Promise<void> {
    await this.#running;
    await this.#turnOver();
    await this.#checkpoint;
    this.#spare?.remove();
    this.#spare = undefined;
    for (const file of this.#retired) file.abandon();
    this.#retired.clear();
  }

  #files(): LogFile[] {
    return this.#current ? [...this.#retired, this.#current] : [...this.#retired];
  }

  async #run(): Promise<void> {
    // Whoever flushes in this turn of the event loop comes along.
    await null;
    while (this.#queue.length > 0) await this.#commit(this.#queue.splice(0));
    this.#running = undefined;
  }

  async #commit(requests: readonly Request[]): Promise<void> {
    const logged: Logged[] = [];
    const direct: Request[] = [];
    for (const request of requests.length > 1 ? requests : []) {
      const parts = unsyncedOf(request);
      if (parts === null) direct.push(request);
      else if (parts !== undefined) logged.push({ request, parts });
    }
    const isGroup = logged.length > 1;
    if (requests.length === 1) direct.push(...requests);
    else if (!isGroup) direct.push(...logged.map(({ request }) => request));
    await Promise.all([...direct.map(syncOne), isGroup ? this.#commitGroup(logged) : undefined]);
  }

  /** Puts down what is not safe of several threads; where the log fails, their own files are synced. */
  async #commitGroup(logged: readonly Logged[]): Promise<void> {
    try {
      this.#current ??= this.#takeSpare();
      this.#current.write(logged.map(({ request, parts }) => ({ thread: request.thread, parts })));
      await this.#current.sync();
    } catch {
      this.#retireCurrent();
      await Promise.all(logged.map(({ request }) => syncOne(request)));
      return;
    }
    for (const { request, parts } of logged) {
      for (const part of parts) part.settle();
      request.resolve();
    }
    if (this.#current.size > (this.#options.fileMaxBytes ?? FILE_MAX_BYTES)) await this.#turnOver();
  }

  #takeSpare(): LogFile {
    const { ids } = this.#options;
    const file = this.#spare ?? LogFile.make(this.#options, ids.newId());
    this.#spare = undefined;
    return file;
  }

  #retireCurrent(): void {
    if (this.#current) this.#retired.add(this.#current);
    this.#current = undefined;
  }

  /** Goes on in another file while the bytes of this one get into their own files; no more than that at a time. */
  async #turnOver(): Promise<void> {
    await this.#checkpoint;
    this.#retireCurrent();
    this.#checkpoint = this.#emptyRetired();
  }

  async #emptyRetired(): Promise<void> {
    for (const file of [...this.#retired]) {
      try {
        await file.checkpoint();
        this.#retired.delete(file);
        if (this.#spare) file.remove();
        else this.#spare = file;
      } catch {
        // It keeps its bytes, and is tried again with the next one.
      }
    }
  }
}

interface Logged {
  readonly request: Request;
  readonly parts: readonly UnsyncedBytes[];
}

/** Undefined when the request is answered already. */
function unsyncedOf(request: Request): readonly UnsyncedBytes[] | null | undefined {
  try {
    return request.thread.unsynced();
  } catch (error) {
    request.reject(error);
    return undefined;
  }
}

async function syncOne({ thread, resolve, reject }: Request): Promise<void> {
  try {
    await thread.sync();
    resolve();
  } catch (error) {
    reject(error);
  }
}

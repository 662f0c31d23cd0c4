import type { ThreadId } from "@threadstore/core";
import type { DriverAppendResult, ThreadChange } from "@threadstore/core/driver";
import type { LocalLease } from "../local-lease.js";
import type { HomeChanges } from "./home-changes.js";

/** Tells what a store does to its live threads: a new one was created when the first of it was written. */
export class OwnChanges {
  readonly #changes: HomeChanges;
  /** Leases of threads that others can see, and were told of. */
  readonly #told = new WeakSet<LocalLease>();

  constructor(changes: HomeChanges) {
    this.#changes = changes;
  }

  /** The thread was there before this lease. */
  resumed(lease: LocalLease): void {
    this.#told.add(lease);
  }

  /** The thread may have come to be. Whether it has just done so. */
  written(lease: LocalLease | undefined): boolean {
    if (!lease?.writer.written || this.#told.has(lease)) return false;
    this.#told.add(lease);
    const { threadId, writer } = lease;
    this.#changes.changed({ type: "created", threadId, nextOrdinal: writer.nextOrdinal });
    return true;
  }

  appended(lease: LocalLease, { firstOrdinal, nextOrdinal, repeated }: DriverAppendResult): void {
    if (firstOrdinal === null || repeated || this.written(lease)) return;
    const { written } = lease.writer;
    if (written) this.#changes.appended(lease.threadId, { path: written.path, bytes: written.size, nextOrdinal });
  }

  changed(type: ThreadChange["type"], threadId: ThreadId): void {
    this.#changes.changed({ type, threadId });
  }

  reverted(lease: LocalLease): void {
    this.#told.add(lease);
    const { threadId, writer } = lease;
    this.#changes.changed({ type: "appended", threadId, nextOrdinal: writer.nextOrdinal });
  }
}

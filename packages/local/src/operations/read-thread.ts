import type { ReadThreadParams, StoredThread } from "@threadstore/core";
import { indexCompletely } from "../index/complete-rollout.js";
import { findThread } from "../index/thread-lookup.js";
import type { LocalHome } from "../local-home.js";
import { locateThread } from "./locate-thread.js";

/** Reads one thread's summary. A partial one is completed first: one pass over its rollout, which the index keeps. */
export async function readThread(context: LocalHome, params: ReadThreadParams): Promise<StoredThread> {
  const { thread, rollout } = await locateThread(context, params);
  if (!thread.partial) return thread;
  const { files, home } = context;
  return context.index.query(
    (index) => {
      indexCompletely({ files, home, index }, rollout);
      return findThread(index, params).thread;
    },
    { asIs: true },
  );
}

import { join } from "node:path";

/** The threads of a bench home that are hundreds of megabytes long, one a mode: what they are, and where. */
export function bigThreads({ path: home, description: { big, bigLegacy } }) {
  const threads = [
    ["paginated", big],
    ["legacy", bigLegacy],
  ];
  const found = threads.filter(([, thread]) => thread !== null);
  if (found.length === 0) throw new Error(`the bench home ${home} has no big thread`);
  return found.map(([mode, { threadId, path, bytes }]) => ({ mode, threadId, file: join(home, path), bytes }));
}

import type { ThreadSpawnEdge } from "@threadstore/core";
import type { Section } from "../case.js";
import { equal, rejects } from "../expect.js";
import { SAMPLE_METADATA, threadId, userItem } from "../sample-items.js";
import type { ThreadSketch } from "../sketch.js";

const [A, B, C, D] = [1, 2, 3, 4].map(threadId) as [string, string, string, string];

function edge(parentThreadId: string, childThreadId: string, status: "open" | "closed" = "open"): ThreadSpawnEdge {
  return { parentThreadId, childThreadId, status };
}

function spawned(id: string, parent: string, agentPath?: string): ThreadSketch {
  const spawn = { parent_thread_id: parent, depth: 1, ...(agentPath ? { agent_path: agentPath } : {}) };
  return { threadId: id, metadata: { source: { subAgent: { thread_spawn: spawn } } } };
}

export const edgeSection: Section = {
  title: "spawn edges",
  cases: [
    {
      requirement: "EDGE-1",
      title: "the edge comes with the thread, not before it",
      needs: ["edges"],
      writes: true,
      run: async ({ store, given }) => {
        await given({ threadId: A });
        await store.createThread({
          threadId: B,
          metadata: SAMPLE_METADATA,
          spawn: { parentThreadId: A, status: "closed" },
        });
        equal(await store.listThreadSpawnEdges({ threadId: A }), []);
        await store.appendItems({ threadId: B, items: [userItem("task")] });
        equal(await store.listThreadSpawnEdges({ threadId: A }), [edge(A, B, "closed")]);
        const child = await store.readThread({ threadId: B });
        equal([child.parentThreadId, child.sessionId], [A, A]);
      },
    },
    {
      requirement: "EDGE-1",
      title: "a source that names a parent makes the edge",
      needs: ["edges"],
      run: async ({ store, given }) => {
        await given({ threadId: A }, spawned(B, A));
        equal(await store.listThreadSpawnEdges({ threadId: A }), [edge(A, B)]);
        equal((await store.readThread({ threadId: B })).parentThreadId, A);
      },
    },
    {
      requirement: "EDGE-2",
      title: "children by id, descendants by generation",
      needs: ["edges"],
      run: async ({ store, given }) => {
        await given({ threadId: A }, spawned(D, A), spawned(C, D), spawned(B, A));
        equal(await store.listThreadSpawnEdges({ threadId: A }), [edge(A, B), edge(A, D)]);
        equal(await store.listThreadSpawnEdges({ threadId: A, recursive: true }), [edge(A, B), edge(A, D), edge(D, C)]);
        equal(await store.listThreadSpawnEdges({ threadId: A, status: "closed" }), []);
      },
    },
    {
      requirement: "EDGE-2",
      title: "a closed edge hides what hangs below it from a list of open ones",
      needs: ["edges"],
      writes: true,
      run: async ({ store }) => {
        await store.upsertThreadSpawnEdge(edge(A, B, "closed"));
        await store.upsertThreadSpawnEdge(edge(B, C));
        await store.upsertThreadSpawnEdge(edge(A, D));
        equal(await store.listThreadSpawnEdges({ threadId: A, recursive: true, status: "open" }), [edge(A, D)]);
        equal(await store.listThreadSpawnEdges({ threadId: A, recursive: true, status: "closed" }), [
          edge(A, B, "closed"),
        ]);
      },
    },
    {
      requirement: "EDGE-3",
      title: "one parent a child, and circles end",
      needs: ["edges"],
      writes: true,
      run: async ({ store }) => {
        await store.upsertThreadSpawnEdge(edge(A, B));
        await store.upsertThreadSpawnEdge(edge(C, B, "closed"));
        equal(await store.listThreadSpawnEdges({ threadId: A }), []);
        await store.upsertThreadSpawnEdge(edge(B, C));
        equal(await store.listThreadSpawnEdges({ threadId: C, recursive: true }), [edge(C, B, "closed")]);
        equal(await store.listThreadSpawnEdges({ threadId: B, recursive: true }), [edge(B, C)]);
      },
    },
    {
      requirement: "EDGE-4",
      title: "by agent path",
      needs: ["edges"],
      run: async ({ store, given }) => {
        await given(
          { threadId: A },
          spawned(B, A, "/agents/one"),
          spawned(C, B, "/agents/two"),
          spawned(D, A, "/agents/two"),
        );
        const find = (agentPath: string, recursive = false) =>
          store.findThreadSpawnByPath({ threadId: A, agentPath, recursive });
        equal(await find("/agents/one"), B);
        equal(await find("/agents/two"), D);
        equal(await find("/agents/none", true), null);
        await rejects(find("/agents/two", true), "conflict");
      },
    },
  ],
};

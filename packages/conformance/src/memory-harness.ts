import { MemoryThreadStore, newThreadId } from "@threadstore/core";
import type { StoreHarness } from "./harness.js";
import { STORE_MANIFEST } from "./manifest.js";

/** The harness of the memory store: the example for others. */
export const memoryHarness: StoreHarness = {
  name: "memory",
  ...STORE_MANIFEST.memory,
  open: async ({ clock, limits }) => {
    const id = newThreadId();
    const open = () => MemoryThreadStore.forId(id, { clock, ...(limits ? { limits } : {}) });
    const store = open();
    return {
      store,
      reopen: async () => open(),
      destroy: async () => {
        await store[Symbol.asyncDispose]();
        MemoryThreadStore.removeId(id);
      },
    };
  },
};

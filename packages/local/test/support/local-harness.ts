import { STORE_MANIFEST, type StoreHarness } from "@threadstore/conformance";
import { openLocalThreadStore } from "@threadstore/local";
import { releaseHandles } from "./release-handles.js";
import { makeHome, writeThreads } from "./write-home.js";

/** The harness of the local store. */
export const localHarness: StoreHarness = {
  name: "local",
  ...STORE_MANIFEST.local,
  open: async ({ clock, limits }) => {
    const home = makeHome();
    const open = () => openLocalThreadStore({ home: home.path, clock, ...(limits ? { limits } : {}) });
    const store = open();
    return {
      store,
      reopen: async () => open(),
      seed: async (threads) => writeThreads(home.path, threads),
      destroy: async () => {
        await store[Symbol.asyncDispose]();
        home.remove();
        await releaseHandles();
      },
    };
  },
};

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OpenOptions, STORE_MANIFEST, type StoreHarness } from "@threadstore/conformance";
import { openMemoryThreadStore, type ThreadStore } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import { openRemoteThreadStore, serveRemote } from "@threadstore/remote";

/** A store that is served to the one under test. */
interface Served {
  readonly store: ThreadStore;
  /** Removes what the closed store left. */
  remove(): void;
}

/** The harness of a remote store over a served one. */
function remoteHarness(name: string, openServed: (options: OpenOptions) => Served): StoreHarness {
  return {
    name,
    ...STORE_MANIFEST["remote-codex.v1"],
    open: async (options) => {
      const served = openServed(options);
      const stores = { forTenant: async () => served.store };
      const server = await serveRemote({ stores, host: "127.0.0.1", port: 0 });
      const { limits } = options;
      const open = () =>
        openRemoteThreadStore({
          protocol: "codex.v1",
          endpoint: `grpc://127.0.0.1:${server.port}`,
          ...(limits ? { limits } : {}),
        });
      const store = open();
      return {
        store,
        reopen: async () => open(),
        destroy: async () => {
          await store[Symbol.asyncDispose]();
          server.stop();
          await served.store[Symbol.asyncDispose]();
          served.remove();
        },
      };
    },
  };
}

export const overMemory = remoteHarness("remote over memory", (options) => ({
  store: openMemoryThreadStore(options),
  remove: () => {},
}));

export const overLocal = remoteHarness("remote over local", (options) => {
  const home = mkdtempSync(join(tmpdir(), "threadstore-served-"));
  return {
    store: openLocalThreadStore({ home, ...options }),
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
});

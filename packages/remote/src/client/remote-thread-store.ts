import { type ThreadStore, ThreadStoreError } from "@threadstore/core";
import { defineThreadStore, type ThreadStoreOptions } from "@threadstore/core/driver";
import { CodexV1Driver } from "./codex-v1-driver.js";
import { type ConnectionOptions, ServerConnection } from "./server-connection.js";

/** How a server is spoken to. */
export type RemoteProtocol = "codex.v1";

export interface RemoteThreadStoreOptions extends ConnectionOptions, Pick<ThreadStoreOptions, "limits"> {
  /** `codex.v1`: codex.thread_store.v1, which knows of no deletion, reverts, edges, paths, search or changes. */
  readonly protocol: RemoteProtocol;
}

/**
 * Opens the threads of a server: of `threadstore serve`, or of `serveRemote`. Nothing is asked of it until the first call.
 *
 * @throws ThreadStoreError `invalid_request` an endpoint or a protocol that is none.
 * @see docs/remote.md
 */
export function openRemoteThreadStore({ protocol, limits, ...connection }: RemoteThreadStoreOptions): ThreadStore {
  if (protocol !== "codex.v1") {
    throw new ThreadStoreError("invalid_request", `unknown protocol: ${String(protocol)}`);
  }
  return defineThreadStore(new CodexV1Driver(new ServerConnection(connection)), limits ? { limits } : {});
}

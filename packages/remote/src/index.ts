export {
  openRemoteThreadStore,
  type RemoteProtocol,
  type RemoteThreadStoreOptions,
} from "./client/remote-thread-store.js";
export type { ConnectionOptions, TlsOptions } from "./client/server-connection.js";
export {
  type AnsweredCall,
  type RemoteServer,
  type RemoteServerOptions,
  serveRemote,
} from "./server/serve-remote.js";

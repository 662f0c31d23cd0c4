export {
  type AnsweredCall,
  type RemoteServer,
  type RemoteServerOptions,
  serveRemote,
} from "./server/serve-remote.js";

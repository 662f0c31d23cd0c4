export type { ThreadStoreSessionOptions } from "./session/session-options.js";
export { ThreadStoreSession } from "./session/thread-store-session.js";

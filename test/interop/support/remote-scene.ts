import type { ThreadStore } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import { type AnsweredCall, type RemoteServer, serveRemote } from "@threadstore/remote";
import type { AppServerClient } from "./app-server-client.js";
import { startAppServer } from "./app-server-client.js";
import type { CodexHome } from "./codex-home.js";

export interface RemoteSceneOptions {
  /** The binary of a Codex with a remote store. */
  readonly command: string;
  /** The home of the client: it must stay without threads. */
  readonly clientHome: CodexHome;
  /** The home that is served. */
  readonly served: string;
}

/** A served home, and real Codex clients that keep their threads there. */
export class RemoteScene implements AsyncDisposable {
  readonly calls: AnsweredCall[] = [];
  readonly #options: RemoteSceneOptions;
  readonly #clients: AppServerClient[] = [];
  #store: ThreadStore | undefined;
  #server: RemoteServer | undefined;
  #port = 0;

  constructor(options: RemoteSceneOptions) {
    this.#options = options;
  }

  /** Serves the home; again after `stopServer`, at the same port. */
  async startServer(): Promise<void> {
    const store = openLocalThreadStore({ home: this.#options.served });
    this.#store = store;
    this.#server = await serveRemote({
      stores: { forTenant: async () => store },
      host: "127.0.0.1",
      port: this.#port,
      onCall: (call) => this.calls.push(call),
    });
    this.#port = this.#server.port;
  }

  async stopServer(): Promise<void> {
    await this.#server?.drain();
    await this.#store?.[Symbol.asyncDispose]();
  }

  /** The store that is served. */
  get store(): ThreadStore {
    if (!this.#store) throw new Error("no server was started");
    return this.#store;
  }

  async startClient(): Promise<AppServerClient> {
    const endpoint = `http://127.0.0.1:${this.#port}`;
    const { command, clientHome: home } = this.#options;
    const remote = `experimental_thread_store={type="remote",endpoint="${endpoint}"}`;
    const client = await startAppServer({ command, home, arguments: ["-c", remote] });
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) await client.kill();
    await this.stopServer();
  }
}

import { ManualClock } from "@threadstore/conformance";
import { type MemoryThreadStore, openMemoryThreadStore, type ThreadStore } from "@threadstore/core";
import {
  type AnsweredCall,
  openRemoteThreadStore,
  type RemoteServer,
  type RemoteServerOptions,
  type RemoteThreadStoreOptions,
  serveRemote,
} from "@threadstore/remote";
import { SessionSourceKind } from "../../src/gen/codex/thread_store/v1/thread_store_pb.js";
import { type CodexClient, type CodexClientOptions, openCodexClient } from "./codex-client.js";

type ServeOptions = Partial<RemoteServerOptions> & { readonly store?: ThreadStore };

/** A server on the loopback address, and its clients. */
export class ServedThreads implements AsyncDisposable {
  readonly clock = new ManualClock();
  /** The store that is served, when the test gives none. */
  readonly memory: MemoryThreadStore = openMemoryThreadStore({ clock: this.clock });
  readonly calls: AnsweredCall[] = [];
  readonly #clients: CodexClient[] = [];
  readonly #remotes: ThreadStore[] = [];
  #options: ServeOptions = {};
  #server: RemoteServer | undefined;

  async serve(options: ServeOptions = {}): Promise<CodexClient> {
    this.#options = options;
    const { store = this.memory, ...rest } = options;
    const stores = { forTenant: async () => store };
    const onCall = (call: AnsweredCall) => this.calls.push(call);
    this.#server = await serveRemote({ stores, host: "127.0.0.1", port: 0, onCall, ...rest });
    return this.connect();
  }

  get server(): RemoteServer {
    if (!this.#server) throw new Error("nothing is served yet");
    return this.#server;
  }

  /** Drains the server and serves the same store on the same port. */
  async restart(): Promise<void> {
    const { port } = this.server;
    await this.server.drain();
    await this.serve({ ...this.#options, port });
  }

  /** A remote store over the server. */
  openRemote(options: Partial<RemoteThreadStoreOptions> = {}): ThreadStore {
    const endpoint = `grpc://127.0.0.1:${this.server.port}`;
    const remote = openRemoteThreadStore({ protocol: "codex.v1", endpoint, ...options });
    this.#remotes.push(remote);
    return remote;
  }

  connect(options: Omit<CodexClientOptions, "port"> = {}): CodexClient {
    const client = openCodexClient({ port: this.server.port, ...options });
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.close();
    for (const remote of this.#remotes) await closeQuietly(remote);
    this.#server?.stop();
    await this.memory[Symbol.asyncDispose]();
  }
}

/** A remote store whose server is gone cannot give its threads back. */
async function closeQuietly(remote: ThreadStore): Promise<void> {
  try {
    await remote[Symbol.asyncDispose]();
  } catch {}
}

export function threadId(number: number): string {
  return `01900000-0000-7000-8000-${String(number).padStart(12, "0")}`;
}

/** The texts of items, as the client sends them. */
export function event(type: string, fields: object = {}): string {
  return JSON.stringify({ type: "event_msg", payload: { type, ...fields } });
}

export function userMessage(message: string): string {
  return event("user_message", { message });
}

export interface WrittenThread {
  readonly id?: string;
  readonly text?: string;
  readonly cwd?: string;
  readonly provider?: string;
  readonly source?: { readonly kind: SessionSourceKind; readonly custom?: string };
}

/** Creates a thread with one message in it, as the real Codex does, and shuts it down. */
export async function writeThread(client: CodexClient, thread: WrittenThread = {}): Promise<string> {
  const { id = threadId(1), text = "Hello", cwd = "/project", provider = "fake" } = thread;
  const { source = { kind: SessionSourceKind.CLI } } = thread;
  const metadataJson = JSON.stringify({ cwd, model_provider: provider, memory_mode: "enabled" });
  await client.createThread({ threadId: id, source, metadataJson });
  await client.appendItems({ threadId: id, itemsJson: [userMessage(text)] });
  await client.shutdownThread({ threadId: id });
  return id;
}

/** What an answer says of items: the types of their payloads. */
export function payloadTypes(itemsJson: readonly string[]): unknown[] {
  return itemsJson.map((json) => (JSON.parse(json) as { readonly payload: { readonly type?: string } }).payload.type);
}

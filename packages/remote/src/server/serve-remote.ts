import { isIPv4 } from "node:net";
import { Server, ServerCredentials, status } from "@grpc/grpc-js";
import { ThreadStoreError, type ThreadStoreProvider } from "@threadstore/core";
import { HealthImplementation } from "grpc-health-check";
import { type CodexCall, codexHandlers } from "../codex-v1/service.js";
import { file_codex_thread_store_v1_thread_store, ThreadStore } from "../gen/codex/thread_store/v1/thread_store_pb.js";
import { serviceDefinition } from "../grpc/service-definition.js";
import { CallRefused, statusOf } from "../grpc/status.js";
import { type Around, type IncomingCall, unaryImplementation } from "../grpc/unary-handlers.js";
import { callerOf } from "./caller.js";
import { addReflection } from "./reflection.js";
import { Tenants } from "./tenants.js";
import { TokenFile } from "./tokens.js";

export interface RemoteServerOptions {
  /** Gives each tenant its store, which the caller closes. Without tokens everybody is the tenant `default`. */
  readonly stores: ThreadStoreProvider;
  /** A name or address; without tokens only loopback ones are taken. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** PEM texts. Default: clear text, as the real Codex speaks it to `http://`. */
  readonly tls?: { readonly certificate: Buffer; readonly key: Buffer };
  /** A file of token hashes. @see docs/remote.md */
  readonly tokens?: string;
  /** Milliseconds without a call after which a thread is given back, so that others may write it. Default 30,000. */
  readonly idleMs?: number;
  /** Told of each call when it is answered: ids and numbers, never content. */
  readonly onCall?: (call: AnsweredCall) => void;
}

export interface AnsweredCall {
  readonly method: string;
  /** Absent when nobody knows who called. */
  readonly tenantId?: string;
  readonly ms: number;
  /** Bytes of the answer. */
  readonly bytes: number;
  /** 0 when it went well, else the status of gRPC. */
  readonly status: number;
}

export interface RemoteServer {
  readonly port: number;
  /** How many threads are open for clients. */
  countOpenThreads(): Promise<number>;
  /** Takes no new calls, lets those that run end, flushes and gives back every thread. */
  drain(): Promise<void>;
  /** Ends every call at once. What was appended stays with the operating system. */
  stop(): void;
}

/** Requests carry whole histories. */
const REQUEST_MAX_BYTES = 512 * 1024 * 1024;

/** What the real Codex takes. */
const CODEX_ANSWER_MAX_BYTES = 4 * 1024 * 1024;

/**
 * Serves any store over gRPC, as the real Codex 0.129.0 asks for its remote thread store.
 *
 * @throws ThreadStoreError `invalid_request` an address that is not loopback without tokens, or unreadable tokens;
 * `unavailable` the address cannot be listened on.
 */
export async function serveRemote(options: RemoteServerOptions): Promise<RemoteServer> {
  const { host, port, tls, onCall = () => {} } = options;
  if (options.tokens === undefined && !isLoopback(host)) {
    throw new ThreadStoreError("invalid_request", `without tokens only loopback addresses are served, not ${host}`);
  }
  const tokens = options.tokens === undefined ? null : new TokenFile(options.tokens);
  const tenants = new Tenants(options.stores, options.idleMs);
  const server = new Server({
    "grpc.max_receive_message_length": REQUEST_MAX_BYTES,
    "grpc.max_send_message_length": -1,
  });
  const running = new Set<Promise<unknown>>();
  const around = counted(running, surround({ tenants, tokens, onCall }));
  server.addService(serviceDefinition(ThreadStore), unaryImplementation(ThreadStore, codexHandlers, around));
  const health = new HealthImplementation({ "": "SERVING", [ThreadStore.typeName]: "SERVING" });
  health.addToServer(server);
  addReflection(server, [file_codex_thread_store_v1_thread_store]);
  const credentials = tls
    ? ServerCredentials.createSsl(null, [{ cert_chain: tls.certificate, private_key: tls.key }])
    : ServerCredentials.createInsecure();
  const bound = await bind(server, `${host.includes(":") ? `[${host}]` : host}:${port}`, credentials);
  return {
    port: bound,
    countOpenThreads: () => tenants.countOpen(),
    drain: async () => {
      health.setStatus("", "NOT_SERVING");
      server.tryShutdown(() => {});
      while (running.size > 0) await Promise.allSettled(running);
      await tenants.closeAll();
      // Streams that watch the server's health have no end of their own.
      server.forceShutdown();
    },
    stop: () => server.forceShutdown(),
  };
}

/** Keeps the calls that run in a set. */
function counted(running: Set<Promise<unknown>>, around: Around<CodexCall>): Around<CodexCall> {
  return async (call, answer) => {
    const answered = around(call, answer);
    running.add(answered);
    try {
      return await answered;
    } finally {
      running.delete(answered);
    }
  };
}

interface Surroundings {
  readonly tenants: Tenants;
  readonly tokens: TokenFile | null;
  readonly onCall: (call: AnsweredCall) => void;
}

/** What every call goes through: who calls, whose store, how large an answer may be, what was it. */
function surround({ tenants, tokens, onCall }: Surroundings): Around<CodexCall> {
  return async (call, answer) => {
    const startedMs = performance.now();
    const { method } = call;
    let about: Pick<AnsweredCall, "tenantId"> = {};
    const tell = (code: number, bytes: number) => {
      onCall({ method, ...about, ms: performance.now() - startedMs, bytes, status: code });
    };
    try {
      const { tenantId } = callerOf(call, tokens);
      about = { tenantId };
      const bytes = await answer({ ...(await tenants.find(tenantId)), cancellation: call.cancellation });
      if (!knowsContract(call)) requireFitting(method, bytes.length);
      tell(0, bytes.length);
      return bytes;
    } catch (error) {
      tell(statusOf(error).code, 0);
      throw error;
    }
  };
}

/** Clients that do are sent histories in pieces. */
function knowsContract({ request }: IncomingCall): boolean {
  return Boolean((request as { readonly contractJson?: string }).contractJson);
}

/** Of this status the real Codex shows the text as it is. */
function requireFitting(method: string, bytes: number): void {
  if (bytes <= CODEX_ANSWER_MAX_BYTES) return;
  throw new CallRefused(
    status.INVALID_ARGUMENT,
    `the answer to ${method} has ${bytes} bytes: this client takes no more than ${CODEX_ANSWER_MAX_BYTES}`,
  );
}

function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (cause, port) => {
      if (cause) reject(new ThreadStoreError("unavailable", `${address} cannot be listened on`, { cause }));
      else resolve(port);
    });
  });
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}

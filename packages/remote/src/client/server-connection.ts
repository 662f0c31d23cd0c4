import { setTimeout as wait } from "node:timers/promises";
import type { MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import type { ThreadStoreError } from "@threadstore/core";
import { unavailable } from "@threadstore/core/driver";
import { noContract, writeContract } from "../codex-v1/contract-json.js";
import { ThreadStore } from "../gen/codex/thread_store/v1/thread_store_pb.js";
import { isCutOff, isOfThreadstore, storeErrorOf } from "../grpc/status.js";
import { UnaryClient } from "../grpc/unary-client.js";
import { readEndpoint } from "./endpoint.js";

type Methods = (typeof ThreadStore)["method"];

export interface TlsOptions {
  /** Certificates of authorities, PEM. Default: those that Node knows. */
  readonly authorities?: Buffer;
}

export interface ConnectionOptions {
  readonly endpoint: string;
  readonly tls?: TlsOptions;
  /** Milliseconds after which a call fails. Default 60,000. */
  readonly deadlineMs?: number;
  /** Milliseconds without the server for which calls that can be repeated are. Later ones are tried once. Default 5,000. */
  readonly reconnectMs?: number;
}

/** What is known of a call beside its message. */
export interface CallContext {
  /** Whether doing it twice is the same as once: then it is tried again when the connection is lost. */
  readonly isRepeatable: boolean;
  /** Whether a server that does not know the contract must not be asked: it would do something else than it is told. */
  readonly needsContract?: boolean;
  readonly signal?: AbortSignal;
}

const DEADLINE_MS = 60_000;
const RECONNECT_MS = 5_000;
/** Milliseconds between two attempts: at first, and at most. */
const BACKOFF_MS = { first: 20, most: 500 };

/** The name of an error of the system, such as ECONNREFUSED, in a text of gRPC's. */
const SYSTEM_ERROR = /\bE[A-Z]{4,}\b/;

/** What another server says of a thread without an id. */
const ANSWERS: ReadonlySet<status> = new Set([status.INVALID_ARGUMENT, status.NOT_FOUND, status.UNIMPLEMENTED]);

/** Answers are pieces of bounded size, but one item may be as large as a store takes them. */
const ANSWER_MAX_BYTES = 512 * 1024 * 1024;

const CHANNEL = {
  "grpc.max_receive_message_length": ANSWER_MAX_BYTES,
  "grpc.max_send_message_length": -1,
  "grpc.initial_reconnect_backoff_ms": BACKOFF_MS.first,
  "grpc.max_reconnect_backoff_ms": BACKOFF_MS.most,
  // A server that is gone without a word is noticed.
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 10_000,
};

/** The calls of one server, as a store's errors, tried again while the server cannot be reached. */
export class ServerConnection {
  readonly #client: UnaryClient<Methods>;
  readonly #metadata = new Metadata();
  readonly #target: string;
  readonly #deadlineMs: number;
  readonly #reconnectMs: number;
  /** When the server was first missed; null while it answers. */
  #lostMs: number | null = null;
  #knowsContract: Promise<void> | null = null;
  #isClosed = false;

  /** @throws ThreadStoreError `invalid_request` an endpoint that is none. */
  constructor(options: ConnectionOptions) {
    const { target, isSecure, token } = readEndpoint(options.endpoint);
    const secure = () => credentials.createSsl(options.tls?.authorities ?? null);
    this.#client = new UnaryClient(ThreadStore, {
      target,
      credentials: isSecure ? secure() : credentials.createInsecure(),
      channel: CHANNEL,
    });
    if (token !== undefined) this.#metadata.set("authorization", `Bearer ${token}`);
    this.#target = target;
    this.#deadlineMs = options.deadlineMs ?? DEADLINE_MS;
    this.#reconnectMs = options.reconnectMs ?? RECONNECT_MS;
  }

  /** Calls that wait for the server end as soon as they notice. */
  close(): void {
    this.#isClosed = true;
    this.#client.close();
  }

  /** @throws ThreadStoreError what the server's store says, or `unavailable`. */
  async call<K extends keyof Methods & string>(
    method: K,
    request: MessageInitShape<Methods[K]["input"]>,
    { isRepeatable, needsContract, signal }: CallContext,
  ): Promise<MessageShape<Methods[K]["output"]>> {
    if (needsContract) await this.#requireContract(method);
    for (let backoffMs = BACKOFF_MS.first; ; backoffMs = Math.min(2 * backoffMs, BACKOFF_MS.most)) {
      if (this.#isClosed) throw unavailable(`${method}: the store is closed`);
      if (signal?.aborted) throw unavailable(`${method} was cancelled by its caller`, signal.reason);
      try {
        const answer = await this.#client.calls[method](request, this.#options(signal));
        this.#lostMs = null;
        return answer;
      } catch (error) {
        const failure = error as ServiceError;
        if (!isCutOff(failure) || signal?.aborted) {
          this.#lostMs = null;
          throw storeErrorOf(failure);
        }
        this.#lostMs ??= performance.now();
        const isTriedAgain = isRepeatable && performance.now() + backoffMs <= this.#lostMs + this.#reconnectMs;
        if (!isTriedAgain) throw this.#unreachable(method, failure);
        await wait(backoffMs);
      }
    }
  }

  /** @throws ThreadStoreError `unsupported` the server does not know the contract. */
  #requireContract(method: string): Promise<void> {
    this.#knowsContract ??= this.#probeContract(method).catch((error: unknown) => {
      // What failed once is asked again.
      this.#knowsContract = null;
      throw error;
    });
    return this.#knowsContract;
  }

  /** A threadstore says in words of its own that there is no such thread. */
  async #probeContract(method: string): Promise<void> {
    const request = { threadId: "", contractJson: writeContract({}) };
    const failure = await this.call("readThread", request, { isRepeatable: true }).then(
      () => null,
      (error: ThreadStoreError) => error,
    );
    const cause = failure?.cause as ServiceError | undefined;
    if (cause && isOfThreadstore(cause)) return;
    throw !cause || ANSWERS.has(cause.code) ? noContract(method) : failure;
  }

  #unreachable(method: string, failure: ServiceError): ThreadStoreError {
    const [reason = failure.details] = SYSTEM_ERROR.exec(failure.details) ?? [];
    return unavailable(`${method}: the server ${this.#target} cannot be reached: ${reason}`, failure);
  }

  #options(signal: AbortSignal | undefined) {
    return {
      metadata: this.#metadata,
      deadline: Date.now() + this.#deadlineMs,
      ...(signal ? { signal } : {}),
    };
  }
}

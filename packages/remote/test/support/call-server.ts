import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ThreadStore } from "../../src/gen/codex/thread_store/v1/thread_store_pb.js";
import { serviceDefinition } from "../../src/grpc/service-definition.js";
import {
  type Around,
  type IncomingCall,
  type UnaryHandlers,
  unaryImplementation,
} from "../../src/grpc/unary-handlers.js";

type Methods = (typeof ThreadStore)["method"];

/** A server on the loopback address that answers as a test wants it. */
export class CallServer implements AsyncDisposable {
  /** The methods that were called, in order. */
  readonly calls: string[] = [];
  readonly #server = new Server();
  #port = 0;

  get port(): number {
    return this.#port;
  }

  get endpoint(): string {
    return `grpc://127.0.0.1:${this.#port}`;
  }

  /** Answers the thirteen calls with the same handlers as the real server. */
  async serve<C>(handlers: UnaryHandlers<Methods, C>, around: Around<C>): Promise<this> {
    const counted: Around<C> = (call, answer) => {
      this.calls.push(call.method);
      return around(call, answer);
    };
    this.#server.addService(serviceDefinition(ThreadStore), unaryImplementation(ThreadStore, handlers, counted));
    return this.serveNothing();
  }

  /** Answers each call with the fields that are told for it. */
  serveAnswers(answerOf: (call: IncomingCall) => Promise<object>): Promise<this> {
    const handlers = Object.fromEntries(
      ThreadStore.methods.map(({ localName }) => {
        return [localName, (_request: unknown, call: IncomingCall) => answerOf(call)] as const;
      }),
    );
    return this.serve(handlers as unknown as UnaryHandlers<Methods, IncomingCall>, (call, answer) => answer(call));
  }

  /** Listens, and has no service. */
  async serveNothing(): Promise<this> {
    this.#port = await new Promise((resolve, reject) => {
      this.#server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
        if (error) reject(error);
        else resolve(port);
      });
    });
    return this;
  }

  /** Ends every call at once, and listens no more. */
  stop(): void {
    this.#server.forceShutdown();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
  }
}

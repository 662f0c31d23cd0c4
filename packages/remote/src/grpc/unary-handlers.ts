import { create, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import type { GenService, GenServiceMethods } from "@bufbuild/protobuf/codegenv2";
import type { handleUnaryCall, Metadata, ServerUnaryCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import { encode } from "./service-definition.js";
import { statusOf } from "./status.js";

/** How each method of a service is answered; `C` is what is known of a call. */
export type UnaryHandlers<M extends GenServiceMethods, C> = {
  readonly [K in keyof M]: (
    request: MessageShape<M[K]["input"]>,
    context: C,
  ) => Promise<MessageInitShape<M[K]["output"]>>;
};

/** One call as it came in. */
export interface IncomingCall {
  readonly method: string;
  readonly request: unknown;
  /** What the client calls this server: the user part of its URL included, when it has one. */
  readonly host: string;
  readonly metadata: Metadata;
  /** Makes a signal that is aborted when the client is gone. Few calls take long enough to be worth one. */
  readonly cancellation: () => AbortSignal;
}

/**
 * What surrounds every call: it finds out who calls, counts and logs. `answer` resolves with the bytes of the answer; what it, or
 * `around` itself, throws is the call's status.
 */
export type Around<C> = (call: IncomingCall, answer: (context: C) => Promise<Buffer>) => Promise<Buffer>;

/** The methods of a service as grpc-js wants them. */
export function unaryImplementation<M extends GenServiceMethods, C>(
  service: GenService<M>,
  handlers: UnaryHandlers<M, C>,
  around: Around<C>,
): UntypedServiceImplementation {
  const answers = handlers as Record<string, (request: unknown, context: C) => Promise<MessageInitShape<DescMessage>>>;
  const methods = service.methods.map(({ name, localName, output }) => {
    const unary: handleUnaryCall<unknown, Buffer> = (call, respond) => {
      const incoming = incomingCall(name, call);
      const answered = around(incoming, async (context) => {
        return encode(output, create(output, await answers[localName]?.(call.request, context)));
      });
      answered.then(
        (bytes) => respond(null, bytes),
        (error: unknown) => respond(statusOf(error)),
      );
    };
    return [localName, unary] as const;
  });
  return Object.fromEntries(methods) as UntypedServiceImplementation;
}

function incomingCall(method: string, call: ServerUnaryCall<unknown, Buffer>): IncomingCall {
  const { request, metadata } = call;
  return { method, request, host: call.getHost(), metadata, cancellation: () => cancellationOf(call) };
}

function cancellationOf(call: ServerUnaryCall<unknown, Buffer>): AbortSignal {
  const aborter = new AbortController();
  call.on("cancelled", () => aborter.abort());
  return aborter.signal;
}

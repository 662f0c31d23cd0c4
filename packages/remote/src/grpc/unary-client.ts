import { create, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import type { GenService, GenServiceMethods } from "@bufbuild/protobuf/codegenv2";
import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  type Metadata,
  type MethodDefinition,
  type ServiceError,
} from "@grpc/grpc-js";
import { type Encodable, serviceDefinition } from "./service-definition.js";

export interface UnaryOptions {
  readonly metadata: Metadata;
  /** Milliseconds since 1970; the call fails then. */
  readonly deadline?: number;
  /** Aborting cancels the call. */
  readonly signal?: AbortSignal;
}

/** The methods of a service as promises, which reject with grpc-js's ServiceError. */
export type UnaryCalls<M extends GenServiceMethods> = {
  readonly [K in keyof M]: (
    request: MessageInitShape<M[K]["input"]>,
    options: UnaryOptions,
  ) => Promise<MessageShape<M[K]["output"]>>;
};

export interface ServerAddress {
  /** As grpc-js names it: `host:port`. */
  readonly target: string;
  readonly credentials: ChannelCredentials;
  readonly channel?: ChannelOptions;
}

/** A channel to a server, which connects when it is needed and again when the connection is lost. */
export class UnaryClient<M extends GenServiceMethods> {
  readonly calls: UnaryCalls<M>;
  readonly #client: Client;

  constructor(service: GenService<M>, { target, credentials, channel }: ServerAddress) {
    this.#client = new Client(target, credentials, channel);
    const definition = serviceDefinition(service);
    const calls = service.methods.map(({ localName, input }) => {
      const method = definition[localName] as MethodDefinition<Encodable, Encodable>;
      const call = (request: MessageInitShape<typeof input>, options: UnaryOptions) =>
        this.#call(method, create(input, request), options);
      return [localName, call] as const;
    });
    this.calls = Object.fromEntries(calls) as unknown as UnaryCalls<M>;
  }

  close(): void {
    this.#client.close();
  }

  #call(
    { path, requestSerialize, responseDeserialize }: MethodDefinition<Encodable, Encodable>,
    request: Encodable,
    { metadata, deadline, signal }: UnaryOptions,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const answered = (error: ServiceError | null, answer?: Encodable) => {
        signal?.removeEventListener("abort", cancel);
        if (error) reject(error);
        else resolve(answer);
      };
      const options = deadline === undefined ? {} : { deadline };
      const call = this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadata,
        options,
        answered,
      );
      const cancel = () => call.cancel();
      if (signal?.aborted) cancel();
      signal?.addEventListener("abort", cancel, { once: true });
    });
  }
}

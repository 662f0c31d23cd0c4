import { create, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import {
  type ChannelCredentials,
  credentials,
  Metadata,
  makeClientConstructor,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { ThreadStore } from "../../src/gen/codex/thread_store/v1/thread_store_pb.js";
import { serviceDefinition } from "../../src/grpc/service-definition.js";

type Methods = (typeof ThreadStore)["method"];

/** What is sent beside a call. */
type Headers = Readonly<Record<string, string>>;

type Calls = {
  readonly [K in keyof Methods]: (
    request: MessageInitShape<Methods[K]["input"]>,
    headers?: Headers,
  ) => Promise<MessageShape<Methods[K]["output"]>>;
};

/** The thirteen calls of the real Codex, as promises. */
export interface CodexClient extends Calls {
  /** Lets the connection go without a word to the server. */
  close(): void;
}

export interface CodexClientOptions {
  readonly port: number;
  /** Sent with every call. */
  readonly headers?: Headers;
  /** The user part of the URL. */
  readonly user?: string;
  /** Default: clear text. */
  readonly channel?: ChannelCredentials;
}

type UnaryCall = (
  request: unknown,
  metadata: Metadata,
  answered: (error: ServiceError | null, answer?: unknown) => void,
) => void;

const CodexService = makeClientConstructor(serviceDefinition(ThreadStore), ThreadStore.typeName);

/** A client with a connection of its own. It takes answers of any size: the limits are the server's. */
export function openCodexClient(options: CodexClientOptions): CodexClient {
  const { port, headers = {}, user, channel = credentials.createInsecure() } = options;
  const client = new CodexService(`127.0.0.1:${port}`, channel, {
    "grpc.max_receive_message_length": -1,
    "grpc.use_local_subchannel_pool": 1,
    ...(user === undefined ? {} : { "grpc.default_authority": `${user}@127.0.0.1:${port}` }),
  });
  const calls = ThreadStore.methods.map(({ localName, input }) => {
    const call = (client[localName] as unknown as UnaryCall).bind(client);
    return [localName, unaryCall(call, input, headers)] as const;
  });
  return { ...Object.fromEntries(calls), close: () => client.close() } as unknown as CodexClient;
}

function unaryCall(call: UnaryCall, input: DescMessage, always: Headers) {
  return (request: MessageInitShape<DescMessage>, headers: Headers = {}) =>
    new Promise((resolve, reject) => {
      call(create(input, request), metadataOf({ ...always, ...headers }), (error, answer) => {
        if (error) reject(error);
        else resolve(answer);
      });
    });
}

function metadataOf(headers: Headers): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return metadata;
}

/** The name of the status that a call ends with. */
export async function statusOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "OK",
    (error: ServiceError) => status[error.code] ?? String(error),
  );
}

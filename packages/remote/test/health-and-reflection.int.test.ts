import { createRequire } from "node:module";
import {
  type Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  loadPackageDefinition,
  makeClientConstructor,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { service as healthService } from "grpc-health-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ServedThreads, threadId } from "./support/served-threads.js";

const Health = makeClientConstructor(healthService, "Health");

let served: ServedThreads;

beforeEach(() => {
  served = new ServedThreads();
});

afterEach(() => served[Symbol.asyncDispose]());

describe("a server tells of itself", () => {
  it.each(["", "codex.thread_store.v1.ThreadStore"])("the health check of %j answers SERVING", async (service) => {
    await served.serve();
    const client = new Health(`127.0.0.1:${served.server.port}`, credentials.createInsecure());
    const check = client.check as unknown as (request: object, answered: (...answer: unknown[]) => void) => void;
    const answer = await new Promise((resolve, reject) => {
      check.call(client, { service }, (error, checked) => (error ? reject(error) : resolve(checked)));
    });
    client.close();
    expect(answer).toStrictEqual({ status: "SERVING" });
  });

  it("drain ends while somebody watches the health", async () => {
    const writer = await served.serve();
    await writer.createThread({ threadId: threadId(1) });
    const client = new Health(`127.0.0.1:${served.server.port}`, credentials.createInsecure());
    const watch = client.watch as unknown as (request: object) => ClientReadableStream<object>;
    const stream = watch.call(client, { service: "" });
    await new Promise((resolve) => stream.on("error", () => {}).once("data", resolve));
    await served.server.drain();
    expect(await served.server.countOpenThreads()).toBe(0);
  });

  it("reflection lists the service", async () => {
    await served.serve();
    const entry = createRequire(import.meta.url).resolve("@grpc/reflection");
    const proto = entry.replace(/build\/src\/.*$/, "build/proto/grpc/reflection/v1/reflection.proto");
    const { grpc } = loadPackageDefinition(loadSync(proto)) as unknown as Reflected;
    const client = new grpc.reflection.v1.ServerReflection(
      `127.0.0.1:${served.server.port}`,
      credentials.createInsecure(),
    );
    const stream = client.serverReflectionInfo();
    const answer = await new Promise<ServiceList>((resolve, reject) => {
      stream.on("data", resolve).on("error", reject);
      stream.write({ listServices: "" });
    });
    stream.end();
    client.close();
    const names = answer.listServicesResponse.service.map(({ name }) => name);
    expect(names).toContain("codex.thread_store.v1.ThreadStore");
  });
});

interface ServiceList {
  readonly listServicesResponse: { readonly service: readonly { readonly name: string }[] };
}

interface Reflected {
  readonly grpc: {
    readonly reflection: {
      readonly v1: {
        readonly ServerReflection: new (
          ...args: ConstructorParameters<typeof Client>
        ) => Client & { serverReflectionInfo(): ClientDuplexStream<object, ServiceList> };
      };
    };
  };
}

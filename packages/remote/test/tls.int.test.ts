import { credentials } from "@grpc/grpc-js";
import { generate } from "selfsigned";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { statusOf } from "./support/codex-client.js";
import { ServedThreads, threadId } from "./support/served-threads.js";

let served: ServedThreads;
let certificate: string;

beforeEach(async () => {
  served = new ServedThreads();
  const altNames = [{ type: 7 as const, ip: "127.0.0.1" }];
  const made = await generate([{ name: "commonName", value: "threadstore" }], {
    extensions: [{ name: "subjectAltName", altNames }],
  });
  certificate = made.cert;
  const tls = { certificate: Buffer.from(made.cert), key: Buffer.from(made.private) };
  (await served.serve({ tls })).close();
});

afterEach(() => served[Symbol.asyncDispose]());

describe("a server with a certificate", () => {
  it("answers whoever trusts it", async () => {
    const client = served.connect({ channel: credentials.createSsl(Buffer.from(certificate)) });
    await client.createThread({ threadId: threadId(1) });
    await client.persistThread({ threadId: threadId(1) });
    expect((await client.readThread({ threadId: threadId(1) })).thread?.threadId).toBe(threadId(1));
  });

  it("answers nobody who does not, nor in clear text", async () => {
    const distrusting = served.connect({ channel: credentials.createSsl() });
    expect(await statusOf(distrusting.readThread({ threadId: threadId(1) }))).toBe("UNAVAILABLE");
    const clear = served.connect();
    expect(await statusOf(clear.readThread({ threadId: threadId(1) }))).toBe("UNAVAILABLE");
  });
});

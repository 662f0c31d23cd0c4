import { credentials } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newCertificate } from "./support/certificate.js";
import { statusOf } from "./support/codex-client.js";
import { ServedThreads, threadId } from "./support/served-threads.js";

let served: ServedThreads;
let certificate: Buffer;

beforeEach(async () => {
  served = new ServedThreads();
  const tls = await newCertificate();
  certificate = tls.certificate;
  (await served.serve({ tls })).close();
});

afterEach(() => served[Symbol.asyncDispose]());

describe("a server with a certificate", () => {
  it("answers whoever trusts it", async () => {
    const client = served.connect({ channel: credentials.createSsl(certificate) });
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

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Metadata, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ThreadStore } from "../gen/codex/thread_store/v1/thread_store_pb.js";
import { callerOf } from "./caller.js";
import { TokenFile } from "./tokens.js";

const ALICE = { tenantId: "alice", isReadOnly: false };
const READER = { tenantId: "alice", isReadOnly: true };
const READS = ["LoadHistory", "ReadThread", "ListThreads"];

let folder: string;
let tokens: TokenFile;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "threadstore-caller-"));
  const path = join(folder, "tokens.txt");
  const line = (token: string, rest: string) => `${createHash("sha256").update(token).digest("hex")} ${rest}\n`;
  writeFileSync(
    path,
    line("secret", "alice") + line("a:b@c/d", "alice") + line("100%", "alice") + line("reader", "alice read-only"),
  );
  tokens = new TokenFile(path);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Calling {
  readonly method?: string;
  readonly host?: string;
  readonly authorization?: string;
}

function call(
  { method = "AppendItems", host = "127.0.0.1:7070", authorization }: Calling,
  known: TokenFile | null = tokens,
) {
  const metadata = new Metadata();
  if (authorization !== undefined) metadata.set("authorization", authorization);
  const cancellation = () => new AbortController().signal;
  return callerOf({ method, request: {}, host, metadata, cancellation }, known);
}

describe("callerOf", () => {
  it("without tokens everybody is the tenant default and may write", () => {
    expect(call({ authorization: "Bearer whatever" }, null)).toStrictEqual({ tenantId: "default", isReadOnly: false });
  });

  it.each(["Bearer secret", "bearer secret", "Bearer   secret"])("%j is the token of alice", (authorization) => {
    expect(call({ authorization })).toStrictEqual(ALICE);
  });

  it.each([
    "secret@127.0.0.1:7070",
    "secret:pw@127.0.0.1:7070",
    "secret:@localhost",
    "a%3Ab%40c%2Fd@localhost",
    "se%63ret@[::1]:7070",
  ])("the user part of %s is the token of alice", (host) => {
    expect(call({ host })).toStrictEqual(ALICE);
  });

  it("a user part that is not percent-encoded well is taken as it is", () => {
    expect(call({ host: "100%@localhost" })).toStrictEqual(ALICE);
  });

  it("the header goes before the user part", () => {
    expect(call({ authorization: "Bearer secret", host: "unknown@localhost" })).toStrictEqual(ALICE);
    expect(() => call({ authorization: "Bearer unknown", host: "secret@localhost" })).toThrow(
      expect.objectContaining({ status: status.UNAUTHENTICATED }),
    );
  });

  it.each<Calling>([
    {},
    { host: "secret" },
    { host: "@localhost" },
    { host: "unknown@localhost" },
    { host: "pw:secret@localhost" },
    { authorization: "" },
    { authorization: "secret" },
    { authorization: "Basic secret" },
    { authorization: "Bearer " },
    { authorization: "Bearer unknown" },
    { authorization: "Bearer secret and more" },
  ])("%j is refused with UNAUTHENTICATED, without the token", (calling) => {
    expect(() => call(calling)).toThrow(
      expect.objectContaining({
        status: status.UNAUTHENTICATED,
        message: "this server needs a token that it knows",
      }),
    );
  });

  it.each(READS)("a token that only reads may call %s", (method) => {
    expect(call({ method, authorization: "Bearer reader" })).toStrictEqual(READER);
  });

  it.each(ThreadStore.methods.map(({ name }) => name).filter((name) => !READS.includes(name)))(
    "a token that only reads may not call %s",
    (method) => {
      expect(() => call({ method, authorization: "Bearer reader" })).toThrow(
        expect.objectContaining({ status: status.PERMISSION_DENIED, message: "this token only reads" }),
      );
    },
  );
});

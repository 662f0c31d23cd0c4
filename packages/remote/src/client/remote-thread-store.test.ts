import { describe, expect, it } from "vitest";
import { openRemoteThreadStore, type RemoteProtocol } from "./remote-thread-store.js";

const PROTOCOL = "codex.v1";

describe("opening a remote store", () => {
  it("asks nothing of the server", async () => {
    const store = openRemoteThreadStore({ protocol: PROTOCOL, endpoint: "grpc://nobody.invalid:1" });
    expect(store.description).toStrictEqual({
      storeId: "remote",
      contractVersion: 1,
      durability: "memory",
      foldsItems: true,
    });
    await store[Symbol.asyncDispose]();
  });

  it.each(["codex.v2", "", undefined])("with the protocol %j fails with invalid_request", (name) => {
    const protocol = name as RemoteProtocol;
    expect(() => openRemoteThreadStore({ protocol, endpoint: "grpc://host:1" })).toThrow(
      expect.objectContaining({ code: "invalid_request", message: `unknown protocol: ${name}` }),
    );
  });

  it("with a bad endpoint fails with invalid_request", () => {
    expect(() => openRemoteThreadStore({ protocol: PROTOCOL, endpoint: "nowhere" })).toThrow(
      expect.objectContaining({ code: "invalid_request" }),
    );
  });
});

describe("a remote store that was closed", () => {
  it("answers every call with unavailable, and closes again", async () => {
    const store = openRemoteThreadStore({ protocol: PROTOCOL, endpoint: "grpc://nobody.invalid:1" });
    await store[Symbol.asyncDispose]();
    await expect(store.listThreads({})).rejects.toMatchObject({ code: "unavailable" });
    await store[Symbol.asyncDispose]();
  });
});

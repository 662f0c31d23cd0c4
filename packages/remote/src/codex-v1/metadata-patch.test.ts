import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import {
  OptionalStringPatchKind as Kind,
  ThreadMemoryMode,
  ThreadMetadataPatchSchema,
} from "../gen/codex/thread_store/v1/thread_store_pb.js";
import { readPatch } from "./metadata-patch.js";

function read(message: MessageInitShape<typeof ThreadMetadataPatchSchema>) {
  return readPatch(create(ThreadMetadataPatchSchema, message));
}

describe("readPatch", () => {
  it("what is not told is left as it is", () => {
    expect(readPatch(undefined)).toStrictEqual({});
    expect(read({})).toStrictEqual({});
  });

  it("a name is set, an empty one too", () => {
    expect(read({ name: "Deploy" })).toStrictEqual({ name: "Deploy" });
    expect(read({ name: "" })).toStrictEqual({ name: "" });
  });

  it("the memory mode is set both ways", () => {
    expect(read({ memoryMode: ThreadMemoryMode.ENABLED })).toStrictEqual({ memoryMode: "enabled" });
    expect(read({ memoryMode: ThreadMemoryMode.DISABLED })).toStrictEqual({ memoryMode: "disabled" });
  });

  it("each part of git info is left, cleared or set by itself", () => {
    const gitInfo = {
      sha: { kind: Kind.SET, value: "abc" },
      branch: { kind: Kind.CLEAR, value: "ignored" },
      originUrl: { kind: Kind.UNSET, value: "ignored" },
    };
    expect(read({ gitInfo })).toStrictEqual({ gitInfo: { commitHash: "abc", branch: null } });
    expect(read({ gitInfo: { originUrl: { kind: Kind.SET, value: "https://example.com" } } })).toStrictEqual({
      gitInfo: { repositoryUrl: "https://example.com" },
    });
  });

  it("a part that is set to nothing is empty", () => {
    expect(read({ gitInfo: { branch: { kind: Kind.SET } } })).toStrictEqual({ gitInfo: { branch: "" } });
  });

  it("git info without parts changes none", () => {
    expect(read({ gitInfo: {} })).toStrictEqual({ gitInfo: {} });
  });

  it("all are set together", () => {
    const message = {
      name: "Deploy",
      memoryMode: ThreadMemoryMode.DISABLED,
      gitInfo: { sha: { kind: Kind.SET, value: "abc" } },
    };
    expect(read(message)).toStrictEqual({
      name: "Deploy",
      memoryMode: "disabled",
      gitInfo: { commitHash: "abc" },
    });
  });
});

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import {
  CreateThreadRequestSchema,
  ThreadEventPersistenceMode as Mode,
  SessionSourceKind,
} from "../gen/codex/thread_store/v1/thread_store_pb.js";
import { createParams } from "./create-params.js";

const ID = "01900000-0000-7000-8000-000000000001";
const SOURCE_ID = "01900000-0000-7000-8000-000000000002";

function read(message: MessageInitShape<typeof CreateThreadRequestSchema>) {
  return createParams(create(CreateThreadRequestSchema, { threadId: ID, ...message }));
}

/** What a creation that tells nothing comes to. */
const LEAST = {
  threadId: ID,
  historyMode: "legacy",
  eventPersistenceMode: "limited",
  metadata: { cwd: "/", originator: "codex_remote", cliVersion: "", source: "unknown", modelProvider: "" },
};

describe("createParams", () => {
  it("a creation that tells nothing is a legacy thread in the root folder", () => {
    expect(read({})).toStrictEqual(LEAST);
  });

  it("reads everything that the client tells", () => {
    const params = read({
      source: { kind: SessionSourceKind.CLI },
      metadataJson: '{"cwd":"/project","model_provider":"fake","memory_mode":"disabled"}',
      baseInstructionsJson: '{"text":"Be brief."}',
      dynamicToolsJson: ['{"name":"one","description":"","inputSchema":{},"deferLoading":false}', '{"name":"two"}'],
      eventPersistenceMode: Mode.EXTENDED,
      forkedFromId: SOURCE_ID,
    });
    expect(params).toStrictEqual({
      threadId: ID,
      historyMode: "legacy",
      eventPersistenceMode: "extended",
      metadata: {
        cwd: "/project",
        originator: "codex_remote",
        cliVersion: "",
        source: "cli",
        modelProvider: "fake",
        memoryMode: "disabled",
        baseInstructions: { text: "Be brief." },
        dynamicTools: [{ name: "one", description: "", inputSchema: {}, deferLoading: false }, { name: "two" }],
      },
      fork: { from: SOURCE_ID },
    });
  });

  it("memory that is enabled is the default, which is not recorded", () => {
    expect(read({ metadataJson: '{"memory_mode":"enabled"}' })).toStrictEqual(LEAST);
  });

  it.each(["null", "[]", "7", '"text"', "{}", '{"cwd":7,"model_provider":null}', '{"cwd":""}'])(
    "metadata %s tells nothing",
    (metadataJson) => {
      expect(read({ metadataJson })).toStrictEqual(LEAST);
    },
  );

  it.each(["null", "[]", "{}", '{"text":7}'])("base instructions %s tell nothing", (baseInstructionsJson) => {
    expect(read({ baseInstructionsJson })).toStrictEqual(LEAST);
  });

  it.each([
    ["metadata_json", { metadataJson: "{" }],
    ["base_instructions_json", { baseInstructionsJson: "Be brief." }],
    ["dynamic_tools_json", { dynamicToolsJson: ['{"name":"one"}', "{"] }],
  ])("bad JSON in %s is refused with invalid_request, without its text", (field, message) => {
    expect(() => read(message)).toThrow(
      expect.objectContaining({ code: "invalid_request", message: `${field} is no JSON` }),
    );
  });
});

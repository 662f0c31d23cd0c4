import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type RemoteWriter, readAnswer, readContract, writeContract } from "./contract-json.js";

fc.configureGlobal({ seed: 20_261_121, numRuns: 300 });

function read(contractJson: string) {
  return readContract({ contractJson });
}

describe("a request", () => {
  it("of the real Codex says nothing", () => {
    expect(read("")).toBeNull();
  });

  it("tells the writer and the arguments", () => {
    const writer = { id: "w", eventPersistenceMode: "extended", includeArchived: true };
    const params = { direction: "desc", from: 7 };
    expect(read(JSON.stringify({ writer, params }))).toStrictEqual({ writer, params });
  });

  it("may name neither, and members of tomorrow", () => {
    expect(read("{}")).toStrictEqual({ params: {} });
    expect(read(' {"tomorrow": 1} ')).toStrictEqual({ params: {} });
  });

  it("that is written is read as it was", () => {
    const params = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true });
    fc.assert(
      fc.property(fc.option(writers(), { nil: undefined }), params, (writer, told) => {
        const request = { ...(writer ? { writer } : {}), params: told };
        expect(read(writeContract(request))).toStrictEqual(request);
      }),
    );
  });

  it.each(["secret", " ", "{", "null", "true", "7", '"secret"', '["secret"]', '{"writer":{"id":"secret"}'])(
    "that is no JSON object is refused with invalid_request, and not repeated: %j",
    (contractJson) => {
      expect(() => read(contractJson)).toThrow(
        expect.objectContaining({ code: "invalid_request", message: "contract_json is no JSON object" }),
      );
    },
  );

  it.each([{}, { id: "" }, { id: 7 }, { id: null }, { id: { id: "w" } }, { eventPersistenceMode: "extended" }])(
    "whose writer has no id is refused with invalid_request: %j",
    (writer) => {
      expect(() => read(JSON.stringify({ writer }))).toThrow(
        expect.objectContaining({ code: "invalid_request", message: "contract_json names no writer" }),
      );
    },
  );

  it.each([[], 7, "text", false])("whose params are no object is refused with invalid_request: %j", (params) => {
    const message = "contract_json has params that are no object";
    expect(() => read(JSON.stringify({ params }))).toThrow(
      expect.objectContaining({ code: "invalid_request", message }),
    );
  });
});

describe("an answer", () => {
  it("is the object that it says", () => {
    expect(readAnswer({ contractJson: '{"firstOrdinal":null,"nextOrdinal":7}' }, "appendItems")).toStrictEqual({
      firstOrdinal: null,
      nextOrdinal: 7,
    });
    expect(readAnswer({ contractJson: "{}" }, "archiveThread")).toStrictEqual({});
  });

  it.each([undefined, "", " ", "secret", "null", "7", "[]"])(
    "that says %j is unsupported: the server does not know the contract",
    (contractJson) => {
      const message = contractJson === undefined ? undefined : { contractJson };
      expect(() => readAnswer(message, "readThread")).toThrow(
        expect.objectContaining({
          code: "unsupported",
          operation: "readThread",
          message: "readThread: the server is no threadstore",
        }),
      );
    },
  );
});

function writers(): fc.Arbitrary<RemoteWriter> {
  return fc.record(
    {
      id: fc.string({ minLength: 1 }),
      eventPersistenceMode: fc.constantFrom("limited" as const, "extended" as const),
      includeArchived: fc.boolean(),
    },
    { requiredKeys: ["id"], noNullPrototype: true },
  );
}

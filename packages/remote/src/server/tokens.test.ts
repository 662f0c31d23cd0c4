import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseTokens, TokenFile } from "./tokens.js";

const ALICE = { tenantId: "alice", isReadOnly: false };

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

describe("parseTokens", () => {
  it("reads a hash, a tenant, and whether it only reads", () => {
    const text = `${hashOf("a")} alice\n${hashOf("b").toUpperCase()}\tbob-2.x_y   read-only\r\n`;
    expect(parseTokens(text)).toStrictEqual([
      { hash: Buffer.from(hashOf("a"), "hex"), tenantId: "alice", isReadOnly: false },
      { hash: Buffer.from(hashOf("b"), "hex"), tenantId: "bob-2.x_y", isReadOnly: true },
    ]);
  });

  it("comments and blank lines are passed over", () => {
    expect(parseTokens("")).toStrictEqual([]);
    expect(parseTokens("# SHA-256, tenant\n\n   \n  # more\n")).toStrictEqual([]);
  });

  it.each([
    ["no hash", "alice"],
    ["a hash that is too short", `${hashOf("a").slice(1)} alice`],
    ["a hash with other letters", `${hashOf("a").slice(1)}g alice`],
    ["no tenant", hashOf("a")],
    ["a tenant that begins with a dot", `${hashOf("a")} ..`],
    ["a tenant with a slash", `${hashOf("a")} a/b`],
    ["a tenant of 65 letters", `${hashOf("a")} ${"a".repeat(65)}`],
    ["another word", `${hashOf("a")} alice write-only`],
    ["words too many", `${hashOf("a")} alice read-only # she reads`],
  ])("a line with %s is refused with its number, without its text", (_fault, line) => {
    const message = "line 3 of the tokens is not: SHA-256, tenant [read-only]";
    expect(() => parseTokens(`# tokens\n${hashOf("x")} x\n${line}\n`)).toThrow(
      expect.objectContaining({ code: "invalid_request", message }),
    );
  });
});

describe("TokenFile", () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "threadstore-tokens-"));
    path = join(folder, "tokens.txt");
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("knows whom a token speaks for", () => {
    writeFileSync(path, `${hashOf("a")} alice\n${hashOf("b")} bob read-only\n`);
    const tokens = new TokenFile(path);
    expect(tokens.find("a")).toStrictEqual(ALICE);
    expect(tokens.find("b")).toStrictEqual({ tenantId: "bob", isReadOnly: true });
    expect(tokens.find("c")).toBeNull();
    expect(tokens.find("")).toBeNull();
    expect(tokens.find(hashOf("a"))).toBeNull();
  });

  it("a tenant may have several tokens", () => {
    writeFileSync(path, `${hashOf("a")} alice\n${hashOf("b")} alice\n`);
    const tokens = new TokenFile(path);
    expect([tokens.find("a"), tokens.find("b")]).toStrictEqual([ALICE, ALICE]);
  });

  it("the file is read again when it changes", () => {
    writeFileSync(path, `${hashOf("a")} alice\n`);
    const tokens = new TokenFile(path);
    writeFileSync(path, `${hashOf("later")} alice read-only\n`);
    expect(tokens.find("a")).toBeNull();
    expect(tokens.find("later")).toStrictEqual({ tenantId: "alice", isReadOnly: true });
  });

  it("a version that cannot be read changes nothing", () => {
    writeFileSync(path, `${hashOf("a")} alice\n`);
    const tokens = new TokenFile(path);
    writeFileSync(path, `${hashOf("b")} bob\nnonsense\n`);
    expect([tokens.find("a"), tokens.find("b")]).toStrictEqual([ALICE, null]);
    writeFileSync(path, `${hashOf("b")} bob\n# mended\n`);
    expect([tokens.find("a"), tokens.find("b")]).toStrictEqual([null, { tenantId: "bob", isReadOnly: false }]);
  });

  it("a file that is gone changes nothing", () => {
    writeFileSync(path, `${hashOf("a")} alice\n`);
    const tokens = new TokenFile(path);
    rmSync(path);
    expect(tokens.find("a")).toStrictEqual(ALICE);
  });

  it("a file that cannot be read in the beginning is refused with invalid_request", () => {
    const refused = expect.objectContaining({ code: "invalid_request" });
    expect(() => new TokenFile(path)).toThrow(refused);
    writeFileSync(path, "nonsense");
    expect(() => new TokenFile(path)).toThrow(refused);
  });
});

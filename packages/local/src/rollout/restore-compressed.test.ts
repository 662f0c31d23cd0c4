import * as fs from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FailingFileSystem, type Fault } from "../../test/support/failing-file-system.js";
import { makeHome } from "../../test/support/write-home.js";
import { restoreCompressed } from "./restore-compressed.js";

const NAME = "rollout-2026-01-01T00-00-00-0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708.jsonl";

const CONTENT = [
  '{"timestamp":"2026-01-01T00:00:00.000Z","type":"session_meta","payload":{"id":"x"}}',
  ...[1, 2, 3].map((at) => `{"timestamp":"2026-01-01T00:00:01.000Z","type":"t","payload":{"at":${at}}}`),
  "",
].join("\n");

/** The content as `zstd --check` compresses it: from a file, whose size the frame says, and from a pipe, where it does not. */
const SIZED =
  "KLUv/WQpAPUCALJFEhKQPQZMxwPBRu3dO4Z2o7GoKAFg72NK+m23gL2Pn+7gdbprNOZWH97uk2xSaO2zT38134cvQshIhKhCRCECGWKeXmW79kl4rwMG" +
  "AAOoGCVQZYLMoBNzBQxRcE7sF7ou";
const STREAMED =
  "KLUv/QRYDQMAsgUTGJA3bb3qMkENYfBGEsu7YmxFIqNBTE48OMQuwJRZT4vY9cFm5HgxI5cUlEsufIqIYEhOJqbNmBR14cH/w35B3agbAXNjc0KnieiolwYA" +
  "A6gYJVBlgsygE3MFDFFwTuwXui4=";

const WRITTEN_AT_MS = Date.UTC(2026, 0, 1, 12);

let folder: ReturnType<typeof makeHome>;
let plain: string;
let compressed: string;
let medium: FailingFileSystem;

beforeEach(() => {
  folder = makeHome();
  plain = join(folder.path, NAME);
  compressed = `${plain}.zst`;
  medium = new FailingFileSystem();
});

afterEach(() => folder.remove());

describe("a compressed rollout", () => {
  it.each([
    ["says its size", SIZED],
    ["does not say its size", STREAMED],
  ])("that %s becomes a plain one with its bytes, its time and its owner's mode", async (_what, base64) => {
    write(Buffer.from(base64, "base64"));
    expect(await restoreCompressed(medium.files, compressed)).toBe(plain);
    const stats = fs.statSync(plain);
    expect([fs.readFileSync(plain, "utf8"), stats.mtimeMs, (stats.mode & 0o777).toString(8)]).toStrictEqual([
      CONTENT,
      WRITTEN_AT_MS,
      "600",
    ]);
    expect(fs.readdirSync(folder.path)).toStrictEqual([NAME]);
  });

  it("beside a plain one is left alone: the plain one wins", async () => {
    write(Buffer.from(SIZED, "base64"));
    fs.writeFileSync(plain, "plain\n");
    expect(await restoreCompressed(medium.files, compressed)).toBe(plain);
    expect([fs.readFileSync(plain, "utf8"), fs.existsSync(compressed)]).toStrictEqual(["plain\n", true]);
  });

  it("of many megabytes is written in pieces, and what was written of it is removed when one fails", async () => {
    const bytes = 17 * 1024 * 1024;
    write(repeated("a", bytes));
    medium.fail({ operation: "append", call: 2, afterBytes: 5 });
    await expect(restoreCompressed(medium.files, compressed)).rejects.toMatchObject({ code: "ENOSPC" });
    expect(fs.readdirSync(folder.path)).toStrictEqual([`${NAME}.zst`]);
    await restoreCompressed(medium.files, compressed);
    expect(fs.readFileSync(plain).equals(Buffer.alloc(bytes, "a"))).toBe(true);
  });

  it("that is gone is unavailable", async () => {
    await expect(restoreCompressed(medium.files, compressed)).rejects.toMatchObject({ code: "unavailable" });
    expect(fs.readdirSync(folder.path)).toStrictEqual([]);
  });
});

describe("a damaged one", () => {
  it.each([
    ["says its size", SIZED],
    ["does not say its size", STREAMED],
  ])("that %s, cut at any byte, is refused and stays as it is", async (_what, base64) => {
    const whole = Buffer.from(base64, "base64");
    for (let cut = 1; cut < whole.length; cut++) await expectRefused(whole.subarray(0, cut));
  });

  it("with any byte changed is refused, unless its content is the same", async () => {
    const whole = Buffer.from(SIZED, "base64");
    for (let at = 0; at < whole.length; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] as number) ^ 0x10;
      write(damaged);
      const path = await restoreCompressed(medium.files, compressed).catch(() => null);
      if (path === null) await expectRefused(damaged);
      else expect(fs.readFileSync(plain, "utf8")).toBe(CONTENT);
      fs.rmSync(plain, { force: true });
    }
  });

  it("does not keep the next one from being restored", async () => {
    await expectRefused(Buffer.from("no zstd at all"));
    write(Buffer.from(SIZED, "base64"));
    await restoreCompressed(medium.files, compressed);
    expect(fs.readFileSync(plain, "utf8")).toBe(CONTENT);
  });
});

describe("restoring that fails", () => {
  it.each<Fault>([
    { operation: "openToRead", code: "EMFILE" },
    { operation: "openToAppend", code: "EMFILE" },
    { operation: "append", code: "ENOSPC", afterBytes: 100 },
    { operation: "setModifiedTime", code: "EIO" },
    { operation: "sync", code: "EIO" },
    { operation: "linkFile", code: "EROFS" },
    { operation: "syncDirectory", code: "EIO" },
    { operation: "removeFile", code: "EIO", path: ".zst" },
  ])("by $operation loses nothing, leaves nothing half, and can be tried again", async (fault) => {
    write(Buffer.from(SIZED, "base64"));
    medium.fail(fault);
    const error = await restoreCompressed(medium.files, compressed).catch((reason: unknown) => reason);
    expect((error as { code?: string }).code).toBe(fault.code);
    expect(fs.readFileSync(compressed, "base64")).toBe(SIZED);
    expect(fs.readdirSync(folder.path).filter((name) => name.endsWith(".restore"))).toStrictEqual([]);
    if (fs.existsSync(plain)) expect(fs.readFileSync(plain, "utf8")).toBe(CONTENT);
    expect(await restoreCompressed(medium.files, compressed)).toBe(plain);
    expect(fs.readFileSync(plain, "utf8")).toBe(CONTENT);
  });

  it("leaves a piece behind only until the next time", async () => {
    write(Buffer.from(SIZED, "base64"));
    fs.writeFileSync(`${plain}.restore`, "what a crash left");
    await restoreCompressed(medium.files, compressed);
    expect([fs.readFileSync(plain, "utf8"), fs.readdirSync(folder.path)]).toStrictEqual([CONTENT, [NAME]]);
  });
});

function write(bytes: Uint8Array): void {
  fs.writeFileSync(compressed, bytes);
  fs.utimesSync(compressed, WRITTEN_AT_MS / 1_000, WRITTEN_AT_MS / 1_000);
}

async function expectRefused(bytes: Buffer): Promise<void> {
  write(bytes);
  await expect(restoreCompressed(medium.files, compressed)).rejects.toMatchObject({ code: "internal" });
  expect(fs.readFileSync(compressed).equals(bytes)).toBe(true);
  expect(fs.readdirSync(folder.path)).toStrictEqual([`${NAME}.zst`]);
}

/** A frame of blocks that each say how often one byte stands: the format's own shortest way to a large content. */
function repeated(character: string, bytes: number): Buffer {
  const blockBytes = 128 * 1024;
  const window = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]);
  const count = bytes / blockBytes;
  const blocks = Array.from({ length: count }, (_, at) => {
    const isLast = at === count - 1 ? 1 : 0;
    const header = Buffer.alloc(4);
    header.writeUIntLE((blockBytes << 3) | (1 << 1) | isLast, 0, 3);
    header.write(character, 3);
    return header;
  });
  return Buffer.concat([window, ...blocks]);
}

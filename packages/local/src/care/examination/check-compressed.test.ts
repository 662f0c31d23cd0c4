import { expect, it } from "vitest";
import xxhash from "xxhash-wasm";
import { BufferFile } from "../../rollout/plain-text.js";
import { checkCompressed } from "./check-compressed.js";

const STATUS = { kind: "file", size: 0, mtimeMs: 0, inode: 1 } as const;
const { h64Raw } = await xxhash();
const CONTENT = Buffer.from("a line that is kept as it is\n".repeat(20));

/** A frame of one block that holds bytes as they are, with a checksum. */
function frameOf(content: Buffer): Buffer {
  const block = Buffer.alloc(3);
  block.writeUIntLE((content.length << 3) | 1, 0, 3);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(Number(h64Raw(content) & 0xffffffffn));
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58]), block, content, checksum]);
}

function changed(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] as number) ^ 0xff;
  return copy;
}

const FRAME = frameOf(CONTENT);
/** What `zstd --check` made of a text from a pipe. */
const STREAMED = Buffer.from(
  "KLUv/QRYDQMAsgUTGJA3bb3qMkENYfBGEsu7YmxFIqNBTE48OMQuwJRZT4vY9cFm5HgxI5cUlEsufIqIYEhOJqbNmBR14cH/w35B3agbAXNjc0KnieiolwYA" +
    "A6gYJVBlgsygE3MFDFFwTuwXui4=",
  "base64",
);
const SKIPPABLE = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 7, 7]);

it.each([
  ["nothing wrong", FRAME, null],
  ["frames one after the other", Buffer.concat([FRAME, SKIPPABLE, FRAME]), null],
  ["what zstd wrote", STREAMED, null],
  [
    "what zstd wrote, its checksum changed",
    changed(STREAMED, STREAMED.length - 1),
    { offset: 0, what: "does not fit its checksum" },
  ],
  ["no bytes", Buffer.alloc(0), { offset: 0, what: "holds nothing" }],
  ["one bit of its content changed", changed(FRAME, 40), { offset: 0, what: "does not fit its checksum" }],
  ["its checksum changed", changed(FRAME, FRAME.length - 1), { offset: 0, what: "does not fit its checksum" }],
  ["its last byte cut off", FRAME.subarray(0, -1), { offset: 0, what: "is cut off" }],
  ["its content cut off", FRAME.subarray(0, 100), { offset: 0, what: "is cut off" }],
  [
    "other bytes behind it",
    Buffer.concat([FRAME, Buffer.from("garbage garbage")]),
    { offset: FRAME.length, what: "is not zstd" },
  ],
  ["half a second frame", Buffer.concat([FRAME, FRAME.subarray(0, 60)]), { offset: FRAME.length, what: "is cut off" }],
] as const)("a compressed file with %s", async (_what, bytes, expected) => {
  expect(await checkCompressed(new BufferFile(Buffer.from(bytes), STATUS))).toEqual(expected);
});

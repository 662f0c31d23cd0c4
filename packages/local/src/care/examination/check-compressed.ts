import { Decompress } from "fzstd";
import type { XXHash, XXHashAPI } from "xxhash-wasm";
import type { OpenFile } from "../../file-system/file-system.js";
import { readZstdFrames, type ZstdFrame } from "./zstd-frames.js";

/** What is wrong with a compressed file, and where in it the damaged frame begins. */
export interface CompressedDamage {
  readonly offset: number;
  readonly what: "is cut off" | "is not zstd" | "cannot be decoded" | "does not fit its checksum" | "holds nothing";
}

const CHUNK_BYTES = 256 * 1024;
const CHECKSUM_BYTES = 4;

/** Loaded when a checksum is first compared: most homes hold no compressed rollouts. */
let hashes: Promise<XXHashAPI> | undefined;

async function loadHashes(): Promise<XXHashAPI> {
  const { default: load } = await import("xxhash-wasm");
  return load();
}

/** Decodes a compressed file piece by piece and compares every checksum it has; null when nothing is wrong. */
export async function checkCompressed(file: OpenFile): Promise<CompressedDamage | null> {
  let frames = 0;
  for (const frame of readZstdFrames(file)) {
    frames++;
    const what = frame.isSkippable && frame.damage === null ? null : await damageOf(file, frame);
    if (what !== null) return { offset: frame.start, what };
  }
  return frames === 0 ? { offset: 0, what: "holds nothing" } : null;
}

async function damageOf(file: OpenFile, frame: ZstdFrame): Promise<CompressedDamage["what"] | null> {
  if (frame.damage === "cut_off") return "is cut off";
  if (frame.damage === "no_frame") return "is not zstd";
  const hash = frame.hasChecksum ? await newHash() : null;
  if (!decode(file, frame, (part) => hash?.update(part))) return "cannot be decoded";
  return hash === null || checksumOf(file, frame) === lowHalfOf(hash) ? null : "does not fit its checksum";
}

async function newHash(): Promise<XXHash<bigint>> {
  hashes ??= loadHashes();
  return (await hashes).create64();
}

/** A checksum is the low half of the hash of the content. @see RFC 8878, 3.1.1 */
function lowHalfOf(hash: XXHash<bigint>): number {
  return Number(BigInt.asUintN(8 * CHECKSUM_BYTES, hash.digest()));
}

function checksumOf(file: OpenFile, { end }: ZstdFrame): number {
  const checksum = Buffer.alloc(CHECKSUM_BYTES);
  file.read(checksum, end - CHECKSUM_BYTES);
  return checksum.readUInt32LE(0);
}

/** False when the decoder gives up. */
function decode(file: OpenFile, { start, end }: ZstdFrame, take: (part: Uint8Array) => void): boolean {
  try {
    const stream = new Decompress((part) => take(part));
    for (let at = start; at < end; at += CHUNK_BYTES) {
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, end - at));
      file.read(chunk, at);
      stream.push(chunk, at + chunk.length >= end);
    }
    return true;
  } catch {
    return false;
  }
}

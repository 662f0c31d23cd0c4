import { Decompress } from "fzstd";
import type { OpenFile } from "../../file-system/file-system.js";
import { Xxh64 } from "./xxh64.js";
import { readZstdFrames, type ZstdFrame } from "./zstd-frames.js";

/** What is wrong with a compressed file, and where in it the damaged frame begins. */
export interface CompressedDamage {
  readonly offset: number;
  readonly what: "is cut off" | "is not zstd" | "cannot be decoded" | "does not fit its checksum" | "holds nothing";
}

const CHUNK_BYTES = 256 * 1024;
const CHECKSUM_BYTES = 4;

/** Decodes a compressed file piece by piece and compares every checksum it has; null when nothing is wrong. */
export function checkCompressed(file: OpenFile): CompressedDamage | null {
  let frames = 0;
  for (const frame of readZstdFrames(file)) {
    frames++;
    const what = frame.isSkippable && frame.damage === null ? null : damageOf(file, frame);
    if (what !== null) return { offset: frame.start, what };
  }
  return frames === 0 ? { offset: 0, what: "holds nothing" } : null;
}

function damageOf(file: OpenFile, frame: ZstdFrame): CompressedDamage["what"] | null {
  if (frame.damage === "cut_off") return "is cut off";
  if (frame.damage === "no_frame") return "is not zstd";
  const hash = new Xxh64();
  if (!decode(file, frame, (part) => frame.hasChecksum && hash.update(part))) return "cannot be decoded";
  if (!frame.hasChecksum) return null;
  const checksum = Buffer.alloc(CHECKSUM_BYTES);
  file.read(checksum, frame.end - CHECKSUM_BYTES);
  return checksum.readUInt32LE(0) === hash.lowHalf() ? null : "does not fit its checksum";
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

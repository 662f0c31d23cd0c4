import type { FileSystem } from "../file-system/file-system.js";
import { readLines } from "../rollout/line-reader.js";
import { openRollout } from "../rollout/open-rollout.js";
import { type BytesByKind, NO_BYTES, type WeightKind, weighLine } from "./line-weight.js";

/** What the text of a rollout is made of. The bytes by kind are all of its bytes. */
export interface RolloutWeight {
  readonly turns: number;
  readonly bytesByKind: BytesByKind;
  readonly longestLineBytes: number;
}

export const NO_WEIGHT: RolloutWeight = { turns: 0, bytesByKind: NO_BYTES, longestLineBytes: 0 };

/** Looks at every line of a rollout, compressed or not, and keeps none. Null when the file is gone. */
export function weighRollout(files: FileSystem, path: string): RolloutWeight | null {
  const file = openRollout(files, path);
  if (!file) return null;
  const bytes: Record<WeightKind, number> = { ...NO_BYTES };
  const begun = { turn: 0, message: 0 };
  let longestLineBytes = 0;
  let readTo = 0;
  try {
    readLines(file, { start: 0, end: file.status().size }, (line) => {
      const next = line.offset + (line.end - line.start) + (line.isClosed ? 1 : 0);
      // Of a line that is too long to be read only the end is visited: what was passed over belongs to it.
      const lineBytes = next - readTo;
      readTo = next;
      longestLineBytes = Math.max(longestLineBytes, lineBytes);
      const { kind, base64Bytes, begins } = weighLine(line);
      bytes.base64 += base64Bytes;
      bytes[kind] += lineBytes - base64Bytes;
      if (begins) begun[begins]++;
      return true;
    });
  } finally {
    file.close();
  }
  return { turns: begun.turn || begun.message, bytesByKind: bytes, longestLineBytes };
}

export function addWeights(a: RolloutWeight, b: RolloutWeight): RolloutWeight {
  const bytesByKind: Record<WeightKind, number> = { ...a.bytesByKind };
  for (const kind of Object.keys(NO_BYTES) as WeightKind[]) bytesByKind[kind] += b.bytesByKind[kind];
  return {
    turns: a.turns + b.turns,
    bytesByKind,
    longestLineBytes: Math.max(a.longestLineBytes, b.longestLineBytes),
  };
}

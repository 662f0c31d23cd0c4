import type { PeekedLine } from "../rollout/line-peek.js";

/** What stands before base64 in rollouts: in data URLs, in contents of MCP tools, in generated pictures. */
const MARKS = [";base64,", '"data":"', '"result":"'].map((text) => Buffer.from(text));

/** Shorter runs are words and ids. */
const RUN_MIN_BYTES = 256;

/** How many bytes of a line are base64. */
export function base64BytesIn({ buffer, start, end }: PeekedLine): number {
  if (end - start < RUN_MIN_BYTES) return 0;
  const line = buffer.subarray(start, end);
  let bytes = 0;
  for (const mark of MARKS) {
    for (let at = line.indexOf(mark); at >= 0; at = line.indexOf(mark, at)) {
      at += mark.length;
      const run = runFrom(line, at);
      if (run >= RUN_MIN_BYTES) bytes += run;
      at += run;
    }
  }
  return bytes;
}

const IS_BASE64 = new Uint8Array(256);
for (const byte of Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_="))
  IS_BASE64[byte] = 1;

function runFrom(line: Buffer, start: number): number {
  let at = start;
  while (at < line.length && IS_BASE64[line[at] as number] === 1) at++;
  return at - start;
}

import { hash } from "node:crypto";
import type { OpenFile } from "../file-system/file-system.js";

/** Bytes at the beginning and before the read offset that tell whether a file is still the one that was read. */
const FINGERPRINT_BYTES = 1024;

const fingerprinted = Buffer.alloc(2 * FINGERPRINT_BYTES);

/** A hash that tells whether a file still begins with the bytes that were read of it up to an offset. */
export function fingerprintOf(file: OpenFile, readTo: number): string {
  const head = Math.min(FINGERPRINT_BYTES, readTo);
  const tail = Math.min(FINGERPRINT_BYTES, readTo - head);
  file.read(fingerprinted.subarray(0, head), 0);
  file.read(fingerprinted.subarray(head, head + tail), readTo - tail);
  return hash("sha1", fingerprinted.subarray(0, head + tail), "base64");
}

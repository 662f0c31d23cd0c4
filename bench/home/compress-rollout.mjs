import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compress, init } from "@bokuweb/zstd-wasm";
import { setFileTime } from "./write-rollout.mjs";

/** The library's default, which Codex takes too. */
const LEVEL = 3;

let isReady;

/** Replaces a rollout by its compressed form, which keeps its file time. */
export async function compressRollout(home, { path, endMs }) {
  // A second init() puts a module in place that is not ready yet, and compress() then answers with zeros.
  isReady ??= init();
  await isReady;
  const plain = join(home, path);
  writeFileSync(`${plain}.zst`, compress(readFileSync(plain), LEVEL));
  setFileTime(`${plain}.zst`, endMs);
  rmSync(plain);
}

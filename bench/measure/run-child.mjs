import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Runs a script of bench/children in a process of its own, so that its start and its memory are its own too. Resolves to
 * the time from spawn to the first line it printed, and the figures on its last line, which is JSON.
 */
export function runChild(script, args = []) {
  const path = fileURLToPath(new URL(`../children/${script}`, import.meta.url));
  const spawnedMs = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let firstLineMs;
    let output = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      if (text.includes("\n")) firstLineMs ??= performance.now() - spawnedMs;
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      errors += text;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve({ firstLineMs, figures: JSON.parse(output.trimEnd().split("\n").at(-1)) });
      else reject(new Error(`${script} ${args.join(" ")} ended with code ${code}:\n${errors}`));
    });
  });
}

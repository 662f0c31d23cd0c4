import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Runs a script of bench/children in a process of its own, so that its start and its memory are its own too. Resolves to
 * the times from spawn to the first line it printed and to its end, and the figures on its last line, which is JSON.
 */
export async function runChild(script, args = []) {
  const path = fileURLToPath(new URL(`../children/${script}`, import.meta.url));
  const { output, ...times } = await runProcess(path, args);
  return { ...times, figures: JSON.parse(output.trimEnd().split("\n").at(-1)) };
}

/** Runs the command `threadstore`, as people start it. */
export function runCommand(args) {
  return runProcess(fileURLToPath(new URL("../bin/threadstore.js", import.meta.resolve("@threadstore/cli"))), args);
}

function runProcess(path, args) {
  const spawnedMs = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let firstLineMs;
    let exitMs;
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
    child.on("exit", () => {
      exitMs = performance.now() - spawnedMs;
    });
    child.on("close", (code) => {
      if (code === 0) resolve({ firstLineMs, exitMs, output });
      else reject(new Error(`${path} ${args.join(" ")} ended with code ${code}:\n${errors}`));
    });
  });
}

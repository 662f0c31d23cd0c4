// Generates the messages of a package's proto files anew, elsewhere, and compares them with those that are there.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [folder] = process.argv.slice(2);
const GENERATED = join("src", "gen");
const output = mkdtempSync(join(tmpdir(), "threadstore-generated-"));
try {
  const { status } = spawnSync("buf", ["generate", "--output", output], { cwd: folder, stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
  else if (!isSame(join(folder, GENERATED), join(output, GENERATED))) {
    console.log(`${join(folder, GENERATED)} is not what buf generates: run "npx buf generate" in ${folder}`);
    process.exitCode = 1;
  }
} finally {
  rmSync(output, { recursive: true, force: true });
}

function isSame(there, generated) {
  const [a, b] = [there, generated].map((root) => new Map(filesIn(root).map((path) => [path, textAt(root, path)])));
  return a.size === b.size && [...a].every(([path, text]) => b.get(path) === text);
}

function filesIn(root) {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length));
}

function textAt(root, path) {
  return readFileSync(join(root, path), "utf8");
}

// Shows what threadstore makes of a home that the real Codex wrote, on a copy of the bundled sample.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SAMPLE = join(ROOT, "fixtures", "homes", "home169");
const COMMAND = join(ROOT, "packages", "cli", "bin", "threadstore.js");

/** A copy of the sample home with the file times it was recorded with. */
function copySample() {
  const home = mkdtempSync(join(tmpdir(), "threadstore-tour-"));
  cpSync(SAMPLE, home, { recursive: true });
  const times = JSON.parse(readFileSync(join(SAMPLE, "MTIMES.json"), "utf8"));
  for (const [file, ns] of Object.entries(times)) utimesSync(join(home, file), ns / 1e9, ns / 1e9);
  return home;
}

function show(home, ...command) {
  console.log(`\n$ threadstore ${command.map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(" ")}\n`);
  const { status } = spawnSync(process.execPath, [COMMAND, "--home", home, ...command], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

const home = copySample();
try {
  console.log("A sample home of threads that the real Codex 0.169.0 wrote:");
  show(home, "list", "--limit", "12");
  show(home, "show", "Zweiter Nâme 🚀");
  show(home, "list", "--search", "turn number", "--sort", "updated");
  console.log(`
Now your own threads. Nothing in the home is changed but its folder threadstore/, an index that may be deleted:

  npx threadstore --home ~/.codex list
  npx threadstore --home ~/.codex show <id, name or path>
  npx threadstore --home ~/.codex doctor
`);
} finally {
  rmSync(home, { recursive: true, force: true });
}

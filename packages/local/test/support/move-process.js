// A process that moves one rollout after the other between the active and the archived folder, until it is killed.
import { mkdirSync, readdirSync, renameSync } from "node:fs";
import { basename, join } from "node:path";

const home = process.argv[2];
const archive = join(home, "archived_sessions");
mkdirSync(archive, { recursive: true });
const rollouts = readdirSync(join(home, "sessions"), { recursive: true })
  .filter((path) => path.endsWith(".jsonl"))
  .map((path) => join(home, "sessions", path));

function round() {
  for (const path of rollouts) renameSync(path, join(archive, basename(path)));
  for (const path of rollouts) renameSync(join(archive, basename(path)), path);
  process.send("round");
  setImmediate(round);
}
round();

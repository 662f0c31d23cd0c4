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

/** Runs a command as a person would; what it reads is given. Returns what it printed. */
function run(home, command, input) {
  const stdio = [input === undefined ? "ignore" : "pipe", "pipe", "inherit"];
  const { status, stdout } = spawnSync(process.execPath, [COMMAND, "--home", home, ...command], { input, stdio });
  if (status !== 0) process.exit(status ?? 1);
  process.stdout.write(stdout);
  return stdout.toString().trim();
}

function show(home, command, input) {
  const words = command.map((word) => (/\s/.test(word) ? `"${word}"` : word));
  console.log(`\n$ ${input === undefined ? "" : "cat items.jsonl | "}threadstore ${words.join(" ")}\n`);
  return run(home, command, input);
}

/** One turn as items: what a person said, and what the agent answered. */
function turnItems() {
  const completed = (item) => ({ type: "event_msg", payload: { type: "item_completed", turn_id: "turn-1", item } });
  const items = [
    { type: "event_msg", payload: { type: "task_started", turn_id: "turn-1" } },
    completed({ type: "UserMessage", id: "user-1", content: [{ type: "text", text: "Where do my threads live?" }] }),
    completed({ type: "AgentMessage", id: "agent-1", content: [{ type: "Text", text: "In plain files you own." }] }),
    { type: "event_msg", payload: { type: "task_complete", turn_id: "turn-1" } },
  ];
  return items.map((item) => `${JSON.stringify(item)}\n`).join("");
}

const home = copySample();
try {
  console.log("A sample home of threads that the real Codex 0.169.0 wrote:");
  show(home, ["list", "--limit", "12"]);
  show(home, ["show", "Zweiter Nâme 🚀"]);
  show(home, ["list", "--search", "turn number", "--sort", "updated"]);
  console.log("\nA thread of our own beside them, in the files and under the locks that Codex uses:");
  const id = show(home, ["create", "--cwd", "/tmp/demo/project"]);
  show(home, ["append", id], turnItems());
  show(home, ["name", id, "My first thread"]);
  show(home, ["list", "--limit", "4"]);
  show(home, ["show", id]);
  console.log(`
Now your own threads. Reading changes nothing in the home but its folder threadstore/:

  npx threadstore --home ~/.codex list
  npx threadstore --home ~/.codex show <id, name or path>
  npx threadstore --home ~/.codex doctor
`);
} finally {
  rmSync(home, { recursive: true, force: true });
}

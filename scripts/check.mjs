// Everything that is checked before a commit, but for the integration tests. One line for each step, with its time.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TOOLS = { ...process.env, PATH: `${join(ROOT, "node_modules", ".bin")}${delimiter}${process.env.PATH}` };
const PROCESSES_MAX = 2;
const CRUISED = [
  "packages/*/{src,bin,test}",
  "packages/integrations/*/{src,test}",
  "{bench,examples,scripts,test}",
  "vitest.config.ts",
];

const PROTOS = join("packages", "remote");
/** What is generated must be what is there. */
const BUF_COMMANDS = [
  ["buf", "lint", PROTOS],
  ["node", "scripts/check-generated.mjs", PROTOS],
];

let running = 0;
const waiting = [];

process.exitCode = (await checkAll()) ? 0 : 1;

async function checkAll() {
  const startedMs = performance.now();
  const tarballs = mkdtempSync(join(tmpdir(), "threadstore-tarballs-"));
  try {
    const passed = await runSteps(tarballs);
    const failures = passed.filter((isPassed) => !isPassed).length;
    console.log(
      `${failures === 0 ? "all steps passed" : `${failures} of ${passed.length} steps failed`} ${since(startedMs)}`,
    );
    return failures === 0;
  } finally {
    rmSync(tarballs, { recursive: true, force: true });
  }
}

/** All steps at once; what needs the build or the tarballs waits for them, and at most PROCESSES_MAX processes run. */
function runSteps(tarballs) {
  const built = step("tsc -b", { commands: [["tsc", "-b"]] });
  const packed = step("npm pack", { commands: [packCommand(tarballs)], after: built });
  return Promise.all([
    built,
    step("vitest unit", { commands: [["vitest", "run", "--project", "unit"]] }),
    step("tsc tests", { commands: [["tsc", "-p", "tsconfig.tests.json"]] }),
    step("buf", { commands: BUF_COMMANDS }),
    step("repository", { commands: [["node", "scripts/check-repository.mjs"]] }),
    // These three look into dist: biome for types, the others because the bins import from there.
    step("biome", { commands: [["biome", "check", "--error-on-warnings", "--max-diagnostics=none"]], after: built }),
    step("depcruise", { commands: [["depcruise", "--config", ".dependency-cruiser.cjs", ...CRUISED]], after: built }),
    step("knip", { commands: [["knip", "--no-config-hints"]], after: built }),
    packed,
    step("publint", { commands: () => publintCommands(tarballs), after: packed }),
    step("attw", { commands: () => attwCommands(tarballs), after: packed }),
  ]);
}

function packCommand(tarballs) {
  const folders = ["packages", "packages/integrations"].flatMap(foldersIn).filter(isPublic);
  const workspaces = folders.flatMap((folder) => ["--workspace", folder]);
  return ["npm", "pack", "--silent", "--pack-destination", tarballs, ...workspaces];
}

function foldersIn(parent) {
  return readdirSync(join(ROOT, parent)).map((name) => `${parent}/${name}`);
}

function isPublic(folder) {
  const manifest = join(ROOT, folder, "package.json");
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).private !== true;
}

function publintCommands(tarballs) {
  return readdirSync(tarballs).map((name) => ["publint", "run", join(tarballs, name), "--strict"]);
}

/** The packages are ESM only; require() of them is left to Node. Types come from the tarball, never from the network. */
function attwCommands(tarballs) {
  const options = ["--profile", "esm-only", "--no-definitely-typed"];
  return readdirSync(tarballs).map((name) => ["attw", join(tarballs, name), ...options]);
}

/** Runs the commands of a step one after the other and reports it; resolves to whether all of them passed. */
async function step(name, { commands, after }) {
  await after;
  const results = [];
  for (const command of typeof commands === "function" ? commands() : commands) results.push(await inTurn(command));
  const failed = results.filter(({ code }) => code !== 0);
  const ms = results.reduce((sum, result) => sum + result.ms, 0);
  console.log(`${failed.length === 0 ? "ok  " : "FAIL"} ${name.padEnd(12)} ${seconds(ms)}`);
  for (const { output } of failed) console.log(output.trimEnd());
  return failed.length === 0;
}

async function inTurn(command) {
  if (running === PROCESSES_MAX) await new Promise((resolve) => waiting.push(resolve));
  else running += 1;
  try {
    return await runProcess(command);
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

function runProcess([command, ...args]) {
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, env: TOOLS, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const collect = (text) => {
      output += text;
    };
    child.stdout.setEncoding("utf8").on("data", collect);
    child.stderr.setEncoding("utf8").on("data", collect);
    child.on("error", (error) => collect(`${command}: ${error.message}`));
    child.on("close", (code) => resolve({ code, output, ms: performance.now() - startedMs }));
  });
}

function since(startedMs) {
  return `in ${seconds(performance.now() - startedMs).trim()}`;
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1).padStart(5)} s`;
}

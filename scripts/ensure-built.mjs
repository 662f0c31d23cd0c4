// Runs before start, test and check: installs and builds, only when something changed. Needs Node and npm, nothing else.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const LOCK = join(ROOT, "package-lock.json");
const INSTALLED_TREE = join(ROOT, "node_modules", ".package-lock.json");
const INSTALL_STAMP = join(ROOT, "node_modules", ".threadstore-install");
const BUILD_STAMP = join(ROOT, "node_modules", ".cache", "threadstore", "build");
const TSC = join(ROOT, "node_modules", "typescript", "bin", "tsc");
const BUNDLER = join(ROOT, "scripts", "bundle-cli.mjs");
const BUNDLE = join(ROOT, "packages", "cli", "bundle", "index.js");
/** npm writes the lock and the record of the installed tree in one go, in either order. */
const SAME_INSTALL_MS = 2_000;
const OUTPUT_MAX_BYTES = 64 * 1024 * 1024;

ensureInstalled();
ensureBuilt();

function ensureInstalled() {
  const lock = existsSync(LOCK) ? createHash("sha256").update(readFileSync(LOCK)).digest("hex") : "no lock";
  if (existsSync(INSTALLED_TREE) && readStamp(INSTALL_STAMP) === lock) return;
  if (!wasInstalledByHand()) install();
  writeStamp(INSTALL_STAMP, lock);
}

/**
 * `npm ci` refuses a lock that was written where packages of other platforms could not be seen, because it lacks them.
 * `npm install` follows such a lock all the same; that the lock agrees with every package.json is checked elsewhere.
 */
function install() {
  report("Installing dependencies ...");
  const first = attempt("npm", [existsSync(LOCK) ? "ci" : "install"]);
  if (first.isDone) return;
  if (!first.output.includes("EUSAGE")) fail("npm could not install the dependencies", first.output);
  report("npm ci refuses package-lock.json, going on with npm install --no-save ...");
  const second = attempt("npm", ["install", "--no-save"]);
  if (!second.isDone) fail("npm could not install the dependencies", `${first.output}${second.output}`);
}

/** True after somebody's own `npm install`, which must not be undone and repeated. */
function wasInstalledByHand() {
  if (!existsSync(INSTALLED_TREE) || !existsSync(LOCK)) return false;
  return statSync(INSTALLED_TREE).mtimeMs >= statSync(LOCK).mtimeMs - SAME_INSTALL_MS;
}

function ensureBuilt() {
  // Taken before the build: a file that changes meanwhile must lead to another build.
  const inputs = fingerprintInputs();
  if (readStamp(BUILD_STAMP) === inputs && everyPackageHasOutput() && existsSync(BUNDLE)) return;
  // A failed build may leave output behind, so the last good stamp no longer holds.
  writeStamp(BUILD_STAMP, "unfinished");
  report("Building ...");
  const built = attempt(process.execPath, [TSC, "-b"]);
  if (!built.isDone) fail("tsc -b failed", built.output);
  const bundled = attempt(process.execPath, [BUNDLER]);
  if (!bundled.isDone) fail("the command could not be bundled", bundled.output);
  writeStamp(BUILD_STAMP, inputs);
}

/** Names, times and sizes of all that a build reads, so that a deleted file or an older one brought back counts too. */
function fingerprintInputs() {
  const rootFiles = ["tsconfig.json", "tsconfig.base.json", "package.json", "scripts/bundle-cli.mjs"].map((name) =>
    join(ROOT, name),
  );
  const packageFiles = packageFolders().flatMap((folder) => [
    join(folder, "package.json"),
    join(folder, "tsconfig.json"),
    ...filesBelow(join(folder, "src")),
  ]);
  const hash = createHash("sha256");
  for (const path of [...rootFiles, ...packageFiles, INSTALL_STAMP]) {
    const status = statSync(path, { throwIfNoEntry: false });
    hash.update(`${path}\0${status?.mtimeMs}\0${status?.size}\n`);
  }
  return hash.digest("hex");
}

function everyPackageHasOutput() {
  return packageFolders()
    .filter((folder) => existsSync(join(folder, "tsconfig.json")))
    .filter((folder) => filesBelow(join(folder, "src")).some((path) => path.endsWith(".ts")))
    .every((folder) => existsSync(join(folder, "dist", ".tsbuildinfo")));
}

function packageFolders() {
  return [join(ROOT, "packages"), join(ROOT, "packages", "integrations")].flatMap((parent) =>
    entriesOf(parent)
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(parent, entry.name)),
  );
}

function filesBelow(folder) {
  return entriesOf(folder).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

function entriesOf(folder) {
  return existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
}

function attempt(command, args) {
  // npm is a batch file on Windows, which only a shell can start.
  const shell = process.platform === "win32" && command === "npm";
  const options = { cwd: ROOT, encoding: "utf8", maxBuffer: OUTPUT_MAX_BYTES, shell };
  const { status, stdout, stderr, error } = spawnSync(command, args, options);
  return { isDone: status === 0, output: `${stdout ?? ""}${stderr ?? ""}${error ? `${error.message}\n` : ""}` };
}

function report(line) {
  process.stderr.write(`${line}\n`);
}

function fail(what, output) {
  report(`${output}${what}.`);
  process.exit(1);
}

function readStamp(path) {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

function writeStamp(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

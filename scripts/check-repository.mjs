// Rules of this repository that no other tool knows. Prints one line for each finding.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SOURCE_MAX_LINES = 400;
const SOURCE = /\.[cm]?[jt]sx?$/;
const WITHOUT_LINE_LIMIT = /(^|\/)gen\/|-table\.ts$/;

// The paths of agents begin with /root/ too: a home there shows by its hidden folders.
const WORKPLACE_PATH = /(?<![\w.~-])\/(?:(?:work|farm)\/|root\/\.)/;
const SHARED_FOLDER = /\.\.\/shared/;
const FOCUSED_OR_SKIPPED = /\b(?:it|test|describe|suite)(?:\.\w+)*\.(?:only|skip)\b/;

const files = filesOfTree();
const findings = [...files.flatMap(findingsOf), ...files.filter(isManifest).flatMap(lockDrift)];
for (const finding of findings) console.log(finding);
process.exitCode = findings.length === 0 ? 0 : 1;

/** Untracked files count, so that a finding shows before the commit that would bring it in. */
function filesOfTree() {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const listed = execFileSync("git", args, { cwd: ROOT, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 }).split("\0");
  return [...new Set(listed)]
    .filter((file) => file !== "" && file !== "package-lock.json" && !file.startsWith("fixtures/"))
    .filter((file) => existsSync(join(ROOT, file)));
}

function findingsOf(file) {
  const text = readFileSync(join(ROOT, file), "utf8");
  if (text.includes("\0")) return [];
  const lines = text.replace(/\n$/, "").split("\n");
  const isSource = SOURCE.test(file);
  return [
    ...linesThatMatch({ file, lines, pattern: WORKPLACE_PATH, message: "absolute path of a workplace" }),
    ...linesThatMatch({ file, lines, pattern: SHARED_FOLDER, message: "path that leaves the repository" }),
    ...(isSource
      ? linesThatMatch({ file, lines, pattern: FOCUSED_OR_SKIPPED, message: "focused or skipped test" })
      : []),
    ...(isSource ? tooLong({ file, lines }) : []),
  ];
}

function linesThatMatch({ file, lines, pattern, message }) {
  return lines.flatMap((line, index) =>
    pattern.test(line) ? [`${file}:${index + 1} ${message}: ${line.trim()}`] : [],
  );
}

function tooLong({ file, lines }) {
  if (lines.length <= SOURCE_MAX_LINES || WITHOUT_LINE_LIMIT.test(file)) return [];
  return [`${file} has ${lines.length} lines, the limit is ${SOURCE_MAX_LINES}`];
}

function isManifest(file) {
  return /^(packages\/(integrations\/)?[^/]+\/)?package\.json$/.test(file);
}

/** An install may not stop at a lock that is behind a package.json (see ensure-built), so it is compared here. */
function lockDrift(file) {
  const locked = readJson("package-lock.json").packages[dirname(file) === "." ? "" : dirname(file)] ?? {};
  const manifest = readJson(file);
  return ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"]
    .filter((kind) => !isDeepStrictEqual(manifest[kind] ?? {}, locked[kind] ?? {}))
    .map((kind) => `${file} package-lock.json has other ${kind}: run npm install`);
}

function readJson(file) {
  return JSON.parse(readFileSync(join(ROOT, file), "utf8"));
}

import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { join } from "node:path";

/** What every file of a user is, by its path: all of a home but what may be deleted at any moment. */
export function bytesOfHome(home: string): Readonly<Record<string, string>> {
  const paths = fs.readdirSync(home, { recursive: true, encoding: "utf8" }).sort();
  const kept = paths.filter((path) => !path.startsWith(join("threadstore", "cache")));
  return Object.fromEntries(kept.flatMap((path) => describe(path, join(home, path))));
}

/** The files of a user that are others than before, or are new, or are gone. */
export function changedFiles(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): string[] {
  return Object.keys({ ...before, ...after }).filter((path) => before[path] !== after[path]);
}

function describe(path: string, place: string): [string, string][] {
  const status = fs.statSync(place);
  if (!status.isFile()) return [];
  const hash = createHash("sha256").update(fs.readFileSync(place)).digest("hex");
  return [[path, `${hash} ${status.mtimeMs} ${status.ino}`]];
}

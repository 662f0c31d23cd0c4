import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

const FIXTURES = fileURLToPath(new URL("../../fixtures", import.meta.url));

/** A copy of a recorded home in a folder of its own, with the file times it was recorded with. */
export interface FixtureHome {
  readonly path: string;
  /** Label of each recorded thread -> its id. */
  readonly ids: Readonly<Record<string, string>>;
  remove(): void;
}

export function copyFixtureHome(name: "home169" | "home128" | "foreign"): FixtureHome {
  const source = join(FIXTURES, "homes", name);
  const path = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), `threadstore-${name}-`));
  fs.cpSync(source, path, { recursive: true });
  const times = readJson<Record<string, number>>(join(source, "MTIMES.json")) ?? {};
  for (const [file, ns] of Object.entries(times)) {
    if (fs.existsSync(join(path, file))) fs.utimesSync(join(path, file), ns / 1e9, ns / 1e9);
  }
  return {
    path,
    ids: readJson(join(source, "ids.json")) ?? {},
    remove: () => fs.rmSync(path, { recursive: true, force: true }),
  };
}

/** One recorded call of the real app-server. */
export interface Recording {
  readonly label: string;
  readonly request: { readonly method: string; readonly params: Readonly<Record<string, unknown>> | null };
  readonly response: {
    readonly result?: unknown;
    readonly error?: { readonly code: number; readonly message: string };
  };
}

export function readRecordings(set: "home169-by-0.169.0" | "home128-by-0.169.0", file: string): Recording[] {
  const lines = gunzipSync(fs.readFileSync(join(FIXTURES, "recordings", set, `${file}.jsonl.gz`))).toString("utf8");
  return lines
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Recording);
}

export function readFixtureJson<T>(path: string): T {
  return JSON.parse(fs.readFileSync(join(FIXTURES, path), "utf8")) as T;
}

function readJson<T>(path: string): T | undefined {
  return fs.existsSync(path) ? (JSON.parse(fs.readFileSync(path, "utf8")) as T) : undefined;
}

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export type CodexVersion = "0.169.0" | "0.129.0" | "0.128.0";

const run = promisify(execFile);

/**
 * Installs one version of Codex outside the repository, once, and finds its native binary.
 *
 * The native binary and not the package's JavaScript launcher: a kill must hit the process that writes the files.
 */
export async function ensureCodex(version: CodexVersion): Promise<string> {
  const folder = join(findCacheFolder(), version);
  if (!existsSync(folder)) await installCodex(version, folder);
  return findNativeBinary(folder);
}

function findCacheFolder(): string {
  return process.env.THREADSTORE_CODEX_CACHE ?? join(homedir(), ".cache", "threadstore-codex");
}

/** The folder appears in one step, so that nobody ever finds half of a package of 300 MB. */
async function installCodex(version: CodexVersion, folder: string): Promise<void> {
  await mkdir(findCacheFolder(), { recursive: true });
  const partial = await mkdtemp(`${folder}.partial-`);
  try {
    await writeFile(join(partial, "package.json"), '{ "private": true }\n');
    await run("npm", listInstallArguments(version, partial), { cwd: partial });
    await rename(partial, folder).catch((error: unknown) => {
      // Another process was faster; its folder is as good as ours.
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

function listInstallArguments(version: CodexVersion, prefix: string): string[] {
  const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  return ["install", "--prefix", prefix, ...quiet, `@openai/codex@${version}`];
}

/** The platform's package is an optional dependency; the folder in it moved between the versions. */
async function findNativeBinary(folder: string): Promise<string> {
  const platform = `codex-${process.platform}-${process.arch}`;
  const vendor = join(folder, "node_modules", "@openai", platform, "vendor");
  const name = process.platform === "win32" ? "codex.exe" : "codex";
  const candidates = (await readdir(vendor)).flatMap((triple) => [
    join(vendor, triple, "bin", name),
    join(vendor, triple, "codex", name),
  ]);
  const binary = candidates.find((candidate) => existsSync(candidate));
  if (binary === undefined) throw new Error(`no Codex binary in ${vendor}: remove ${folder} to install it again`);
  return binary;
}

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const ROOT = new URL("../../", import.meta.url);

interface TestProject {
  readonly compilerOptions: { readonly paths: Readonly<Record<string, readonly string[]>> };
}

const { compilerOptions } = JSON.parse(readFileSync(new URL("tsconfig.tests.json", ROOT), "utf8")) as TestProject;

/** As in the workspace's configuration: each package entry resolves to its source. */
const alias = Object.entries(compilerOptions.paths).flatMap(([name, sources]) =>
  sources.map((source) => ({
    find: new RegExp(`^${name}$`),
    replacement: fileURLToPath(new URL(source, ROOT)),
  })),
);

/** These tests install and run the real Codex, so they run only with this configuration. */
export default defineConfig({
  root: fileURLToPath(ROOT),
  resolve: { alias },
  test: {
    include: ["test/interop/**/*.interop.ts"],
    // One process tree of Codex at a time: each takes a core.
    fileParallelism: false,
    maxWorkers: 1,
    testTimeout: 120_000,
    // The first run installs two packages of 300 MB.
    hookTimeout: 600_000,
  },
});

import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { countReporter } from "./scripts/count-reporter.js";
import tests from "./tsconfig.tests.json" with { type: "json" };

const INTEGRATION_TESTS = ["packages/{*,integrations/*}/{src,test}/**/*.int.test.ts", "test/**/*.int.test.ts"];

/** Each package entry resolves to its source, so that no test ever runs against a stale build. */
const alias = Object.entries(tests.compilerOptions.paths).flatMap(([name, sources]) =>
  sources.map((source) => ({
    find: new RegExp(`^${name}$`),
    replacement: fileURLToPath(new URL(source, import.meta.url)),
  })),
);

/** Random histories in thousands take minutes; everything else is quick. */
const isLong = process.env.THREADSTORE_MODEL_RUNS !== undefined;

export default defineConfig({
  resolve: { alias },
  test: {
    reporters: ["default", countReporter()],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["packages/{*,integrations/*}/{src,test}/**/*.test.ts", "test/**/*.test.ts"],
          exclude: INTEGRATION_TESTS,
          testTimeout: isLong ? 1_200_000 : 30_000,
        },
      },
      {
        extends: true,
        // Processes, ports and databases take their time on a loaded machine.
        test: {
          name: "int",
          include: INTEGRATION_TESTS,
          testTimeout: isLong ? 1_200_000 : 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});

import type { Reporter, SerializedError, TestModule, TestSuite } from "vitest/node";

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Prints "N passed, N failed" as the very last line of a run, for machines to read.
 *
 * Written when the process exits, because vitest and coverage print more after the run has ended.
 */
export function countReporter(): Reporter {
  let line = summaryLine({ passed: 0, failed: 0, skipped: 0 });
  return {
    onInit() {
      process.once("exit", () => process.stdout.write(`${line}\n`));
    },
    onTestRunEnd(modules, unhandledErrors) {
      line = summaryLine(countTests(modules, unhandledErrors));
    },
  };
}

function summaryLine({ passed, failed, skipped }: Counts): string {
  const counts = `${passed} passed, ${failed} failed`;
  return skipped === 0 ? counts : `${counts}, ${skipped} skipped`;
}

/** What fails outside a test (a file that does not load, a hook, a stray rejection) counts as one failure each. */
function countTests(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): Counts {
  const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
  for (const module of modules) {
    counts.failed += failuresOutsideTests(module);
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === "pending") counts.failed += 1;
      else counts[state] += 1;
    }
  }
  return counts;
}

function failuresOutsideTests(module: TestModule): number {
  const suites: (TestModule | TestSuite)[] = [module, ...module.children.allSuites()];
  return suites.reduce((sum, suite) => sum + suite.errors().length, 0);
}

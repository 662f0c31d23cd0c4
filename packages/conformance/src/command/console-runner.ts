import type { TestRunner } from "../check-thread-store.js";

interface CollectedTest {
  readonly group: string;
  readonly title: string;
  readonly run: () => Promise<void>;
}

/** Collects tests and runs them one after the other, for use without a test runner. */
export class ConsoleRunner implements TestRunner {
  readonly #tests: CollectedTest[] = [];
  #group = "";

  describe(title: string, define: () => void): void {
    this.#group = title;
    define();
  }

  it(title: string, run: () => Promise<void>): void {
    this.#tests.push({ group: this.#group, title, run });
  }

  /** Runs everything and prints a line for each failure and each group. Returns how many failed. */
  async run(print: (line: string) => void): Promise<{ readonly passed: number; readonly failed: number }> {
    let passed = 0;
    let failed = 0;
    let group = "";
    for (const test of this.#tests) {
      if (test.group !== group) print(test.group);
      group = test.group;
      try {
        await test.run();
        passed++;
        print(`  ok      ${test.title}`);
      } catch (error) {
        failed++;
        print(`  FAILED  ${test.title}\n${indent(String((error as Error)?.stack ?? error))}`);
      }
    }
    return { passed, failed };
  }
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "          ");
}

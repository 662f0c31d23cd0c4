import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { checkThreadStore } from "../check-thread-store.js";
import type { StoreHarness } from "../harness.js";
import { memoryHarness } from "../memory-harness.js";
import { REQUIREMENTS } from "../requirements.js";
import { ConsoleRunner } from "./console-runner.js";

const USAGE = `usage: threadstore-conformance [MODULE]

Checks a store against the contract. MODULE is a JavaScript module whose default export is a StoreHarness;
without one the memory store is checked. Exit codes: 0 all cases passed, 1 some failed, 2 usage.`;

/** The command of the kit. */
export async function main(argv: readonly string[]): Promise<void> {
  const [module, ...rest] = argv.slice(2);
  if (rest.length > 0 || module?.startsWith("-")) {
    console.error(USAGE);
    process.exitCode = 2;
    return;
  }
  const harness = module === undefined ? memoryHarness : await loadHarness(module);
  if (harness === null) {
    console.error(`${module} has no default export that is a StoreHarness`);
    process.exitCode = 2;
    return;
  }
  const runner = new ConsoleRunner();
  const covered = checkThreadStore(harness, runner);
  const { passed, failed } = await runner.run((line) => console.log(line));
  console.log(`\n${harness.name}: ${covered.length} of ${Object.keys(REQUIREMENTS).length} requirements covered`);
  console.log(covered.join(" "));
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

async function loadHarness(module: string): Promise<StoreHarness | null> {
  const { default: harness } = (await import(pathToFileURL(resolve(module)).href)) as {
    default?: Partial<StoreHarness>;
  };
  return harness && typeof harness.open === "function" && harness.name ? (harness as StoreHarness) : null;
}

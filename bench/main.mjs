// npm run bench -- <name> [options]: measures what docs promise and prints it beside a baseline of the same run.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { appendBench } from "./append.mjs";
import { growthBench } from "./growth.mjs";
import { ensureHome, openHome } from "./home/ensure-home.mjs";
import { DEFAULT_HOME_PARAMETERS } from "./home/home-parameters.mjs";
import { indexBench } from "./index.mjs";
import { listBench } from "./list.mjs";
import { describeMachine, load } from "./measure/machine.mjs";
import { remoteBench } from "./remote.mjs";
import { formatTable } from "./report/format-table.mjs";
import { summarizeRow } from "./report/summarize-row.mjs";
import { resumeBench } from "./resume.mjs";
import { runtimeBench } from "./runtime.mjs";
import { searchBench } from "./search.mjs";
import { turnsBench } from "./turns.mjs";

const BENCHES = [
  listBench,
  searchBench,
  turnsBench,
  resumeBench,
  indexBench,
  growthBench,
  appendBench,
  remoteBench,
  runtimeBench,
];

const OPTIONS = {
  threads: { type: "string" },
  "big-turns": { type: "string" },
  "big-legacy-turns": { type: "string" },
  days: { type: "string" },
  seed: { type: "string" },
  "no-odd": { type: "boolean" },
  home: { type: "string" },
  runs: { type: "string", default: "5" },
  json: { type: "string" },
};

const USAGE = `Usage: npm run bench -- <name> [options]

${BENCHES.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`).join("\n")}

The home to measure on is made when it is first asked for, and kept in the cache folder of the system:
  --threads N            paginated threads of 20 items (${DEFAULT_HOME_PARAMETERS.threads})
  --big-turns N          turns of the big paginated thread (${DEFAULT_HOME_PARAMETERS.bigTurns}: 291 MB); 0: none
  --big-legacy-turns N   turns of the big legacy thread (${DEFAULT_HOME_PARAMETERS.bigLegacyTurns}: 302 MB); 0: none
  --days N               over which the threads are spread (${DEFAULT_HOME_PARAMETERS.days})
  --seed N               other ids and texts (${DEFAULT_HOME_PARAMETERS.seed})
  --no-odd               without threads that are unlike the others
  --home DIR             a bench home that was made earlier; its index is deleted
What is measured:
  --runs N               of everything; the figures are their medians (5)
  --json FILE            where the figures go too (bench/results/<name>.json)`;

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

async function main() {
  const { positionals, values } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const bench = BENCHES.find(({ name }) => name === positionals[0]);
  if (!bench || positionals.length > 1) {
    console.log(USAGE);
    return positionals.length === 0 ? 0 : 1;
  }
  const runs = count(values, "runs", 1);
  const home = bench.needsHome ? await homeOf(values) : undefined;
  const loadBefore = load();
  const rows = await bench.measure({ home, runs, onProgress });
  const result = {
    bench: bench.name,
    measuredAt: new Date().toISOString(),
    machine: { ...describeMachine(), loadBefore, loadAfter: load() },
    ...(home ? { home: home.description.parameters } : {}),
    rows: rows.map(summarizeRow),
  };
  report(result, values.json ?? fileURLToPath(new URL(`results/${bench.name}.json`, import.meta.url)));
  return 0;
}

function homeOf(values) {
  return values.home ? openHome(values.home) : ensureHome(homeParameters(values), { onProgress });
}

function homeParameters(values) {
  const numbers = {
    threads: "threads",
    bigTurns: "big-turns",
    bigLegacyTurns: "big-legacy-turns",
    days: "days",
    seed: "seed",
  };
  const given = Object.entries(numbers).filter(([, option]) => values[option] !== undefined);
  const parameters = given.map(([name, option]) => [name, count(values, option, 0)]);
  return { ...DEFAULT_HOME_PARAMETERS, ...Object.fromEntries(parameters), odd: !values["no-odd"] };
}

function count(values, option, least) {
  const number = Number(values[option]);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new Error(`--${option} must be an integer of at least ${least}, found ${values[option]}`);
}

function report(result, file) {
  const { node, processor, processors, loadBefore, loadAfter } = result.machine;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  console.log(`${formatTable(result.rows)}\n`);
  console.log(
    `Node ${node}, ${processors} x ${processor}, load ${loadBefore} before and ${loadAfter} after; also in ${file}`,
  );
}

function onProgress(message) {
  process.stderr.write(`${message}\n`);
}

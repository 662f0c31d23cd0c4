import { ThreadStoreError } from "@threadstore/core";
import {
  examineHome,
  type FindingPlace,
  type HomeFinding,
  type MendedRollout,
  type RepairResult,
  repairHome,
} from "@threadstore/local";
import type { Command } from "commander";
import { ExitCode } from "../exit-code.js";
import { folderOf } from "../open-store.js";
import { colors } from "../output/colors.js";
import { plainText } from "../output/plain-text.js";
import { printJson } from "../output/print-json.js";
import { progressBar } from "../output/progress-bar.js";
import { shellWord } from "../output/shell-word.js";
import { threadIdsOf } from "../thread-ids.js";

interface DoctorOptions {
  readonly repair?: true;
  readonly json?: true;
}

export function addDoctor(program: Command): void {
  program
    .command("doctor [threads...]")
    .description("Look at every file of a home and explain what is wrong with it. Changes nothing.")
    .option("--repair", "write mended copies of damaged rollouts to threadstore/recovered/, of all or of some threads")
    .option("--json", "print one JSON document")
    .action(async (threads: string[], options: DoctorOptions, command: Command) => {
      if (options.repair) await repair(threads, options, command);
      else if (threads.length === 0) await examine(options, command);
      else throw new ThreadStoreError("invalid_request", "doctor looks at the whole home; threads go with --repair");
    });
}

async function examine({ json }: DoctorOptions, command: Command): Promise<void> {
  const progress = await progressBar("files");
  const examination = await examineHome({ home: folderOf(command), onProgress: progress.update }).finally(
    progress.stop,
  );
  if (examination.findings.length > 0) process.exitCode = ExitCode.failure;
  if (json) return printJson(examination);
  const { files, threads, findings } = examination;
  const summary = `${threads} threads in ${files} files, ${findings.length} findings`;
  process.stdout.write([...findings.map(findingLines), summary].map((line) => `${line}\n`).join(""));
}

const LABEL_WIDTH = 10;

function findingLines({ path, type, threadId, places, explanation, ...about }: HomeFinding): string {
  const thread = threadId === undefined || path.includes(threadId) ? "" : `, thread ${threadId}`;
  const facts: readonly (readonly [string, string])[] = [
    ["found", `${explanation}${placesOf(places)}${thread}`],
    ["readers", about.readers],
    ["Codex", about.codex],
    ["do", about.advice],
  ];
  const lines = facts.map(([label, text]) => `  ${colors.dim(label.padEnd(LABEL_WIDTH))}${plainText(text)}`);
  return [`${colors.yellow(type)} ${plainText(path)}`, ...lines].join("\n");
}

const PLACES_SHOWN = 3;

function placesOf(places: readonly FindingPlace[]): string {
  const shown = places.slice(0, PLACES_SHOWN).map(({ line, offset }) => {
    return line === undefined ? `byte ${offset}` : `line ${line}, byte ${offset}`;
  });
  const more = places.length > PLACES_SHOWN ? "; ..." : "";
  return shown.length === 0 ? "" : ` (${shown.join("; ")}${more})`;
}

async function repair(threads: readonly string[], { json }: DoctorOptions, command: Command): Promise<void> {
  const home = folderOf(command);
  const threadIds = await threadIdsOf(threads, command);
  const progress = await progressBar("files");
  const wanted = threadIds.length > 0 ? { threadIds } : {};
  const result = await repairHome({ home, ...wanted, onProgress: progress.update }).finally(progress.stop);
  if (result.unmended.length > 0) process.exitCode = ExitCode.failure;
  if (json) return printJson(result);
  process.stdout.write(`${repairLines(home, result).join("\n")}\n`);
}

function repairLines(home: string, { folder, mended, unmended }: RepairResult): string[] {
  const left = unmended.map(
    ({ path, found }) => `not mended ${plainText(path)}: ${found.join(", ")}; doctor says more`,
  );
  if (folder === null) return [...left, "nothing to mend"];
  return [
    ...mended.flatMap((rollout) => mendedLines(home, rollout)),
    ...left,
    `${mended.length} rollouts mended, report in ${plainText(`${home}/${folder}/report.json`)}`,
  ];
}

/** Seen with one of these, Codex's database takes a paginated thread for a legacy one, and goes on doing so. */
const TAKEN_FOR_LEGACY: ReadonlySet<string> = new Set(["byte_order_mark", "no_meta"]);

function mendedLines(home: string, rollout: MendedRollout): string[] {
  const { path, found, copy, fragments, records, historyMode, heirs, place } = rollout;
  const isMistaken = historyMode === "paginated" && found.some((type) => TAKEN_FOR_LEGACY.has(type));
  const mistaken =
    "  if Codex has listed the damaged file, it refuses the copy until its state_5.sqlite is deleted and made anew";
  const [original, mendedCopy, target] = [path, copy.path, place].map((part) => shellWord(`${home}/${part}`));
  const inherited = `  its forks find what they inherit by ordinals, which may be others now: ${heirs.join(", ")}`;
  return [
    `${colors.green("mended")} ${plainText(path)}: ${found.join(", ")}`,
    `  ${records} records in ${plainText(copy.path)}`,
    ...(fragments ? [`  what is left out is in ${plainText(fragments.path)}`] : []),
    ...(heirs.length > 0 ? [inherited] : []),
    ...(isMistaken ? [mistaken] : []),
    "  to put it in place, while nothing has the thread open:",
    `    mv ${original} ${shellWord(`${home}/${path}.damaged`)} && cp -p ${mendedCopy} ${target}`,
  ];
}

import { examineHome, type HomeFinding } from "@threadstore/local";
import type { Command } from "commander";
import { ExitCode } from "../exit-code.js";
import { folderOf } from "../open-store.js";
import { colors } from "../output/colors.js";
import { plainText } from "../output/plain-text.js";
import { printJson } from "../output/print-json.js";

export function addDoctor(program: Command): void {
  program
    .command("doctor")
    .description("Look at every file of a home: what cannot be read, and where the index differs. Changes nothing.")
    .option("--json", "print one JSON document")
    .action(async (options: { json?: true }, command: Command) => {
      const examination = await examineHome({ home: folderOf(command) });
      if (examination.findings.length > 0) process.exitCode = ExitCode.failure;
      if (options.json) return printJson(examination);
      const { files, threads, findings } = examination;
      const summary = `${threads} threads in ${files} files, ${findings.length} findings`;
      process.stdout.write([...findings.map(findingLine), summary].map((line) => `${line}\n`).join(""));
    });
}

function findingLine({ path, type, explanation }: HomeFinding): string {
  return `${colors.yellow(type.padEnd(16))} ${plainText(path)}\n${" ".repeat(17)}${explanation}`;
}

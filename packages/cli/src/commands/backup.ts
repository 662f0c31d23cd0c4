import { type BackupResult, type BackupVerification, backupHome, type LeftOut, verifyBackup } from "@threadstore/local";
import type { Command } from "commander";
import { ExitCode } from "../exit-code.js";
import { folderOf } from "../open-store.js";
import { formatBytes } from "../output/byte-size.js";
import { plainText } from "../output/plain-text.js";
import { printJson } from "../output/print-json.js";
import { progressBar } from "../output/progress-bar.js";

interface BackupCommandOptions {
  readonly verify?: true;
  readonly json?: true;
}

export function addBackup(program: Command): void {
  program
    .command("backup <dir>")
    .description("Copy the threads of a home to a folder, or bring the copy there up to date; the home may be in use.")
    .option("--verify", "copy nothing: compare every file of the backup with its manifest")
    .option("--json", "print one JSON document")
    .action(async (folder: string, { verify, json }: BackupCommandOptions, command: Command) => {
      const progress = await progressBar("files");
      const work = verify
        ? verifyBackup({ folder, onProgress: progress.update })
        : backupHome({ home: folderOf(command), folder, onProgress: progress.update });
      const result = await work.finally(progress.stop);
      const failed = "damaged" in result ? result.damaged : result.failed;
      if (failed.length > 0) process.exitCode = ExitCode.failure;
      if (json) return printJson(result);
      const lines = "damaged" in result ? verifiedLines(result) : backupLines(result);
      process.stdout.write(`${lines.join("\n")}\n`);
    });
}

function backupLines({ folder, threads, files, bytes, gone, leftOut, failed, ...counts }: BackupResult): string[] {
  const { copied, grown, unchanged } = counts;
  return [
    ...problemLines("not copied", failed),
    ...problemLines("left out", leftOut),
    `${threads} threads in ${files} files, ${formatBytes(bytes)}, in ${plainText(folder)}`,
    `${copied} files copied, ${grown} added to, ${unchanged} unchanged; ${gone} are gone from the home and kept`,
  ];
}

function verifiedLines({ home, finishedAt, files, bytes, damaged }: BackupVerification): string[] {
  const summary = `${files} files, ${formatBytes(bytes)}, of ${plainText(home)}, finished ${finishedAt}`;
  return [...problemLines("damaged", damaged), `${summary}: ${damaged.length} damaged`];
}

/** Files of which something is to be said, a line each. */
export function problemLines(what: string, problems: readonly LeftOut[]): string[] {
  return problems.map(({ path, why }) => `${what} ${plainText(path)}: ${plainText(why)}`);
}

import { createRequire } from "node:module";
import { isThreadStoreError } from "@threadstore/core";
import { Command, CommanderError } from "commander";
import { addDoctor } from "./commands/doctor.js";
import { addEdges } from "./commands/edges.js";
import { addHistory } from "./commands/history.js";
import { addList } from "./commands/list.js";
import { addReindex } from "./commands/reindex.js";
import { addShow } from "./commands/show.js";
import { ExitCode } from "./exit-code.js";
import { plainText } from "./output/plain-text.js";

/** Runs the command line and sets the exit code; errors are one line on standard error. */
export async function main(argv: readonly string[]): Promise<void> {
  // A reader that closes the pipe early, as `head` does, has all it wanted.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(ExitCode.ok);
    throw error;
  });
  try {
    await buildProgram().parseAsync(argv);
  } catch (error) {
    process.exitCode = report(error);
  }
}

function buildProgram(): Command {
  const program = new Command("threadstore")
    .description("List, show and check the threads of a Codex home, or of any threadstore.")
    .option("--home <dir>", "the home, or memory:ID (default: $THREADSTORE_HOME, $CODEX_HOME, ~/.codex)")
    .version(packageVersion())
    .exitOverride()
    .showHelpAfterError("(add --help for the options)")
    .configureHelp({ showGlobalOptions: true });
  for (const add of [addList, addShow, addHistory, addEdges, addDoctor, addReindex]) add(program);
  return program;
}

function packageVersion(): string {
  const { version } = createRequire(import.meta.url)("../package.json") as { version: string };
  return version;
}

function report(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  if (!(error instanceof Error)) throw error;
  process.stderr.write(`threadstore: ${plainText(error.message)}\n`);
  if (isThreadStoreError(error, "invalid_request")) return ExitCode.usage;
  if (isThreadStoreError(error, "thread_not_found")) return ExitCode.notFound;
  return isThreadStoreError(error, "conflict") ? ExitCode.conflict : ExitCode.failure;
}

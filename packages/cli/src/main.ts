import { isThreadStoreError } from "@threadstore/core";
import { Command, CommanderError } from "commander";
import { addAppend } from "./commands/append.js";
import { addArchive, addUnarchive } from "./commands/archive.js";
import { addBackup } from "./commands/backup.js";
import { addChat } from "./commands/chat.js";
import { addCreate } from "./commands/create.js";
import { addDelete } from "./commands/delete.js";
import { addDoctor } from "./commands/doctor.js";
import { addEdges } from "./commands/edges.js";
import { addFind } from "./commands/find.js";
import { addFork } from "./commands/fork.js";
import { addHistory } from "./commands/history.js";
import { addItems } from "./commands/items.js";
import { addList } from "./commands/list.js";
import { addMetadata } from "./commands/metadata.js";
import { addName } from "./commands/name.js";
import { addPrune } from "./commands/prune.js";
import { addReindex } from "./commands/reindex.js";
import { addRestore } from "./commands/restore.js";
import { addRevert } from "./commands/revert.js";
import { addRun } from "./commands/run.js";
import { addSearch } from "./commands/search.js";
import { addServe } from "./commands/serve.js";
import { addShow } from "./commands/show.js";
import { addStats } from "./commands/stats.js";
import { addTree } from "./commands/tree.js";
import { addTurns } from "./commands/turns.js";
import { ExitCode } from "./exit-code.js";
import { plainText } from "./output/plain-text.js";
import { packageVersion } from "./package-version.js";

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
    .description("Read, write and look after the threads of a Codex home, or of any threadstore.")
    .option(
      "--home <home>",
      "a folder, grpc://HOST:PORT, grpcs://[TOKEN@]HOST:PORT, or memory:ID (default: $THREADSTORE_HOME, $CODEX_HOME, ~/.codex)",
    )
    .version(packageVersion())
    .exitOverride()
    .showHelpAfterError("(add --help for the options)")
    .configureHelp({ showGlobalOptions: true });
  for (const add of COMMANDS) add(program);
  return program;
}

/** In the order the help lists them: reading, writing, looking after a home, running agents, serving. */
const COMMANDS: readonly ((program: Command) => void)[] = [
  addList,
  addSearch,
  addFind,
  addShow,
  addTurns,
  addItems,
  addHistory,
  addEdges,
  addTree,
  addCreate,
  addAppend,
  addName,
  addMetadata,
  addFork,
  addRevert,
  addArchive,
  addUnarchive,
  addDelete,
  addStats,
  addDoctor,
  addReindex,
  addBackup,
  addRestore,
  addPrune,
  addRun,
  addChat,
  addServe,
];

function report(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  if (!(error instanceof Error)) throw error;
  process.stderr.write(`threadstore: ${plainText(error.message)}\n`);
  if (isThreadStoreError(error, "invalid_request")) return ExitCode.usage;
  if (isThreadStoreError(error, "thread_not_found")) return ExitCode.notFound;
  return isThreadStoreError(error, "conflict") ? ExitCode.conflict : ExitCode.failure;
}

import type { ListThreadsParams } from "@threadstore/core";
import { type Command, Option } from "commander";

/** Options of commands that look for threads. */
export interface ThreadFilterOptions {
  readonly archived?: true;
  readonly cwd?: readonly string[];
  readonly allSources?: true;
}

/** What `threadFilterOf` makes of them. */
export type ThreadFilterParams = Pick<ListThreadsParams, "archived" | "cwds" | "sources">;

export function addThreadFilterOptions(command: Command): Command {
  return command
    .option("--archived", "archived threads only")
    .addOption(new Option("--cwd <dir>", "only threads of exactly this folder; may be given again").argParser(collect))
    .option("--all-sources", "every thread, whoever started it (default: the cli and vscode threads)");
}

/** A list that follows an option would take the words after it for folders. */
function collect(dir: string, before: readonly string[] = []): readonly string[] {
  return [...before, dir];
}

/** The parameters of lists and searches that the options stand for. */
export function threadFilterOf({ archived, cwd, allSources }: ThreadFilterOptions): ThreadFilterParams {
  return {
    ...(archived ? { archived } : {}),
    ...(cwd ? { cwds: cwd } : {}),
    ...(allSources ? { sources: "all" as const } : {}),
  };
}

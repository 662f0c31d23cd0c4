import { isEmptyPatch, type ThreadMetadataPatch, ThreadStoreError } from "@threadstore/core";
import { type Command, InvalidArgumentError, Option } from "commander";
import { findThread } from "../find-thread.js";
import { openStore } from "../open-store.js";
import { noteForCodex } from "../output/codex-note.js";
import { printJson } from "../output/print-json.js";
import { parseWholeNumber } from "../whole-number.js";

interface MetadataOptions {
  readonly patch?: ThreadMetadataPatch;
  readonly gitBranch?: string;
  readonly gitCommit?: string;
  readonly gitUrl?: string;
  readonly memoryMode?: "enabled" | "disabled";
  readonly expectRevision?: number;
}

export function addMetadata(program: Command): void {
  program
    .command("metadata <thread>")
    .description("Print what is known of a thread as one JSON document; with options, change it before.")
    .option("--patch <json>", 'fields to set; null clears one, as in {"model":"m","reasoningEffort":null}', parsePatch)
    .option("--git-branch <branch>", "set the git branch; an empty one clears it")
    .option("--git-commit <hash>", "set the git commit; an empty one clears it")
    .option("--git-url <url>", "set the repository URL; an empty one clears it")
    .addOption(new Option("--memory-mode <mode>", "set the memory mode").choices(["enabled", "disabled"]))
    .option("--expect-revision <n>", "change it only when it is at this revision", parseWholeNumber)
    .action(async (wanted: string, options: MetadataOptions, command: Command) => {
      await using store = await openStore(command);
      const { threadId } = await findThread(store, wanted);
      const patch = patchOf(options);
      const { expectRevision } = options;
      const thread = await store.updateThreadMetadata({
        threadId,
        patch,
        includeArchived: true,
        ...(expectRevision === undefined ? {} : { expectedRevision: expectRevision }),
      });
      printJson(thread);
      if (!isEmptyPatch(patch)) noteForCodex("metadata", thread.historyMode);
    });
}

function parsePatch(text: string): ThreadMetadataPatch {
  try {
    const patch: unknown = JSON.parse(text);
    if (typeof patch === "object" && patch !== null && !Array.isArray(patch)) return patch;
  } catch {
    // Said below: it is no JSON object either way.
  }
  throw new InvalidArgumentError("must be a JSON object");
}

function patchOf(options: MetadataOptions): ThreadMetadataPatch {
  const { patch = {}, gitBranch, gitCommit, gitUrl, memoryMode } = options;
  const gitInfo = {
    ...(gitBranch === undefined ? {} : { branch: gitBranch || null }),
    ...(gitCommit === undefined ? {} : { commitHash: gitCommit || null }),
    ...(gitUrl === undefined ? {} : { repositoryUrl: gitUrl || null }),
  };
  const hasGit = Object.keys(gitInfo).length > 0;
  if (hasGit && patch.gitInfo !== undefined) {
    throw new ThreadStoreError("invalid_request", "give git info either in --patch or by its own options");
  }
  return { ...patch, ...(hasGit ? { gitInfo } : {}), ...(memoryMode === undefined ? {} : { memoryMode }) };
}

import { resolve } from "node:path";
import type { GitInfo } from "@threadstore/core";
import { type GitRun, runGit } from "./run-git.js";
import { withoutCredentials } from "./without-credentials.js";

/** For all that is asked of git together: nobody waits longer for a fact that a thread can do without. */
const COLLECT_TIMEOUT_MS = 2_000;
/** Longer than any branch that file systems have room for. */
const BRANCH_MAX_CHARACTERS = 1_024;
const URL_MAX_CHARACTERS = 2_048;

const HASH = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const BRANCH_PREFIX = "refs/heads/";

/**
 * What a folder's git repository is at. Git runs so that the repository, whoever made it, can start no program. Undefined
 * where there is no repository or no git, where git takes too long, and where there is nothing to tell.
 */
export async function collectGitInfo(cwd: string): Promise<GitInfo | undefined> {
  const run: GitRun = { folder: resolve(cwd), signal: AbortSignal.timeout(COLLECT_TIMEOUT_MS) };
  if ((await runGit(["rev-parse", "--git-dir"], run)) === null) return undefined;
  const [hash, head, url] = await Promise.all([
    // A commit is not looked up here: in a partial clone, that could fetch it.
    runGit(["rev-parse", "--quiet", "--verify", "HEAD"], run),
    runGit(["symbolic-ref", "--quiet", "HEAD"], run),
    runGit(["config", "--get", "remote.origin.url"], run),
  ]);
  if (run.signal.aborted) return undefined;
  const info = infoOf({ commitHash: commitOf(hash), branch: branchOf(head), repositoryUrl: urlOf(url) });
  return Object.keys(info).length > 0 ? info : undefined;
}

function commitOf(printed: string | null): string | undefined {
  const hash = lineOf(printed) ?? "";
  return HASH.test(hash) ? hash : undefined;
}

/** A detached head is at no branch. */
function branchOf(printed: string | null): string | undefined {
  const ref = lineOf(printed);
  if (!ref?.startsWith(BRANCH_PREFIX)) return undefined;
  const branch = ref.slice(BRANCH_PREFIX.length);
  return branch.length <= BRANCH_MAX_CHARACTERS ? branch : undefined;
}

function urlOf(printed: string | null): string | undefined {
  const url = withoutCredentials(lineOf(printed) ?? "");
  return url && url.length <= URL_MAX_CHARACTERS ? url : undefined;
}

/** One line without characters that a terminal would obey. */
function lineOf(printed: string | null): string | undefined {
  const line = printed?.replace(/\r?\n$/, "");
  return line === undefined || /\p{Cc}|\p{Zl}|\p{Zp}/u.test(line) ? undefined : line;
}

function infoOf(facts: Readonly<Record<keyof GitInfo, string | undefined>>): GitInfo {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

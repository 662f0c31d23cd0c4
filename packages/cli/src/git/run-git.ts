import { execFile } from "node:child_process";
import { devNull } from "node:os";
import { delimiter, isAbsolute, parse, sep } from "node:path";

export interface GitRun {
  /** The folder git works in; absolute. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** More than any answer that is kept. */
const OUTPUT_MAX_BYTES = 64 * 1024;

/**
 * What git prints, without letting the repository start a program; null when git fails, is not there, or is aborted. Meant
 * for commands that read refs and configuration, and neither objects, index nor working tree.
 */
export function runGit(args: readonly string[], { folder, signal }: GitRun): Promise<string | null> {
  const options = {
    // Git itself goes to the folder: a system that looks for programs where it starts would find those of the repository.
    cwd: parse(folder).root,
    env: quietEnvironment(),
    maxBuffer: OUTPUT_MAX_BYTES,
    killSignal: "SIGKILL",
    windowsHide: true,
    signal,
  } as const;
  return new Promise((resolve) => {
    const child = execFile("git", [...GUARDS, "-C", folder, ...args], options, (error, stdout) => {
      resolve(error ? null : stdout);
    });
    child.stdin?.on("error", () => {}).end();
  });
}

/** The commands run none of these. Should a version of git do, it finds them off, whatever the repository says. */
const SETTINGS: readonly string[] = [
  "core.fsmonitor=false",
  `core.hooksPath=${devNull}`,
  "core.pager=cat",
  "core.editor=false",
  "core.askPass=",
  "core.sshCommand=false",
  "core.gitProxy=",
  "core.alternateRefsCommand=",
  "credential.helper=",
  "diff.external=",
  "gpg.program=false",
  "submodule.recurse=false",
  "fetch.recurseSubmodules=false",
  "protocol.allow=never",
];

const GUARDS: readonly string[] = [
  "--no-pager",
  "--no-optional-locks",
  ...SETTINGS.flatMap((setting) => ["-c", setting]),
];

/**
 * The caller's own, without what would send git elsewhere or make it ask. The configuration of the user and the system stays,
 * which says whose repositories are trusted.
 */
function quietEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(GIT_|SSH_ASKPASS|PAGER$)/i.test(name));
  const environment = Object.fromEntries(kept);
  for (const [name, value = ""] of kept) if (/^path$/i.test(name)) environment[name] = trustedPath(value);
  return { ...environment, ...QUIET };
}

const QUIET: NodeJS.ProcessEnv = {
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_NO_LAZY_FETCH: "1",
  GIT_PROTOCOL_FROM_USER: "0",
  GIT_ALLOW_PROTOCOL: "none",
  GIT_ASKPASS: "",
  SSH_ASKPASS: "",
  LC_ALL: "C",
};

/** npm puts the programs of the folder it runs in before all others; a git among them is the repository's. */
function trustedPath(path: string): string {
  const isTrusted = (entry: string) => isAbsolute(entry) && !entry.split(sep).includes("node_modules");
  return path.split(delimiter).filter(isTrusted).join(delimiter);
}

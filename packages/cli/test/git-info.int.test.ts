import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { collectGitInfo } from "../src/git/collect-git-info.js";

let folder: string;
let repository: string;

beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), "threadstore-git-"));
  // Neither the configuration of this machine's user nor a repository around the folder says anything here.
  vi.stubEnv("HOME", folder);
  vi.stubEnv("XDG_CONFIG_HOME", folder);
  repository = join(folder, "repository");
  git(folder, "init", "--quiet", "--initial-branch=main", repository);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function git(cwd: string, ...args: string[]): string {
  const author = ["-c", "user.name=A", "-c", "user.email=a@example.com"];
  const env = { PATH: process.env.PATH, HOME: folder };
  return execFileSync("git", [...author, ...args], { cwd, env, encoding: "utf8", stdio: "pipe" }).trim();
}

function commit(): string {
  git(repository, "commit", "--quiet", "--allow-empty", "--message=one");
  return git(repository, "rev-parse", "HEAD");
}

const setOrigin = (url: string) => git(repository, "config", "remote.origin.url", url);

/** A program of the repository: it leaves a file that says by which name it was started. */
function trap(path: string): { readonly program: string; readonly sprung: () => string[] } {
  const marks = join(folder, "marks");
  mkdirSync(marks, { recursive: true });
  writeFileSync(path, `#!/bin/sh\ntouch "${marks}/$(basename "$0").$$"\nexit 0\n`);
  chmodSync(path, 0o755);
  return { program: path, sprung: () => readdirSync(marks) };
}

describe("collectGitInfo", () => {
  it("tells commit, branch and URL of a folder in a repository", async () => {
    const commitHash = commit();
    setOrigin("https://host.example/a/b.git");
    const inner = join(repository, "inner");
    mkdirSync(inner);
    const expected = { commitHash, branch: "main", repositoryUrl: "https://host.example/a/b.git" };
    expect(await collectGitInfo(repository)).toEqual(expected);
    expect(await collectGitInfo(inner)).toEqual(expected);
  });

  it("tells nothing outside a repository, of a folder that is not there, and without git", async () => {
    expect(await collectGitInfo(folder)).toBe(undefined);
    expect(await collectGitInfo(join(folder, "nowhere"))).toBe(undefined);
    vi.stubEnv("PATH", folder);
    expect(await collectGitInfo(repository)).toBe(undefined);
  });

  it("tells the branch alone before the first commit, and none of a detached head", async () => {
    expect(await collectGitInfo(repository)).toEqual({ branch: "main" });
    git(repository, "switch", "--quiet", "--create", "feature/a");
    const commitHash = commit();
    expect(await collectGitInfo(repository)).toEqual({ commitHash, branch: "feature/a" });
    git(repository, "switch", "--quiet", "--detach");
    expect(await collectGitInfo(repository)).toEqual({ commitHash });
  });

  it("tells the whole name of a branch, also when a tag has the same", async () => {
    const commitHash = commit();
    git(repository, "tag", "main");
    expect(await collectGitInfo(repository)).toEqual({ commitHash, branch: "main" });
  });

  it("tells what a worktree is at", async () => {
    const commitHash = commit();
    const worktree = join(folder, "worktree");
    git(repository, "worktree", "add", "--quiet", "-b", "topic", worktree);
    setOrigin("git@host.example:a.git");
    const repositoryUrl = "git@host.example:a.git";
    expect(await collectGitInfo(worktree)).toEqual({ commitHash, branch: "topic", repositoryUrl });
  });

  it("leaves out credentials, and values that are too long or no plain text", async () => {
    const urlOf = async (url: string) => {
      setOrigin(url);
      return (await collectGitInfo(repository))?.repositoryUrl;
    };
    expect(await urlOf("https://user:token@host.example/a.git")).toBe("https://host.example/a.git");
    expect(await urlOf("https://host.example/\u001b[31mred")).toBe(undefined);
    expect(await urlOf("https://host.example/one\ntwo")).toBe(undefined);
    expect(await urlOf(`https://host.example/${"a".repeat(2_048)}`)).toBe(undefined);
    expect(await urlOf(`https://host.example/${"a".repeat(100_000)}`)).toBe(undefined);
    writeFileSync(join(repository, ".git", "HEAD"), `ref: refs/heads/${"a/".repeat(600)}a\n`);
    expect(await collectGitInfo(repository)).toBe(undefined);
  });

  it("asks git of the folder, whatever the environment says of another one", async () => {
    const commitHash = commit();
    const other = join(folder, "other");
    git(folder, "init", "--quiet", "--initial-branch=other", other);
    vi.stubEnv("GIT_DIR", join(other, ".git"));
    vi.stubEnv("GIT_WORK_TREE", other);
    vi.stubEnv("GIT_CONFIG_COUNT", "1");
    vi.stubEnv("GIT_CONFIG_KEY_0", "remote.origin.url");
    vi.stubEnv("GIT_CONFIG_VALUE_0", "https://other.example/");
    vi.stubEnv("GIT_TRACE", join(folder, "trace"));
    expect(await collectGitInfo(repository)).toEqual({ commitHash, branch: "main" });
    expect(existsSync(join(folder, "trace"))).toBe(false);
  });

  it("gives up when git does not end", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("sh", ["-c", `mkfifo "${pipe}"`]);
    commit();
    git(repository, "config", "include.path", pipe);
    const startedMs = performance.now();
    expect(await collectGitInfo(repository)).toBe(undefined);
    expect(performance.now() - startedMs).toBeGreaterThan(1_500);
  });
});

describe("collectGitInfo, of a repository that wants to run programs", () => {
  /** Settings that make some command of git start a program. */
  const SETTINGS = [
    "core.fsmonitor",
    "core.sshCommand",
    "core.askPass",
    "core.pager",
    "core.editor",
    "core.gitProxy",
    "core.alternateRefsCommand",
    "credential.helper",
    "diff.external",
    "diff.mine.textconv",
    "filter.mine.clean",
    "filter.mine.smudge",
    "filter.mine.process",
    "gpg.program",
    "sequence.editor",
    "pager.config",
    "pager.rev-parse",
    "uploadpack.packObjectsHook",
    "remote.origin.uploadpack",
  ];
  const HOOKS = ["reference-transaction", "post-index-change", "post-checkout", "pre-commit", "fsmonitor-watchman"];
  const COMMANDS = ["rev-parse", "symbolic-ref", "config"];

  function arm(program: string): void {
    for (const setting of SETTINGS) git(repository, "config", setting, program);
    for (const command of COMMANDS) git(repository, "config", `alias.${command}`, `!${program}`);
    const hooks = join(folder, "hooks");
    mkdirSync(hooks);
    for (const hook of HOOKS) {
      trap(join(hooks, hook));
      trap(join(repository, ".git", "hooks", hook));
    }
    writeFileSync(join(folder, "included"), `[core]\n\thooksPath = ${hooks}\n\tfsmonitor = ${program}\n`);
    git(repository, "config", "include.path", join(folder, "included"));
    git(repository, "config", "submodule.recurse", "true");
    git(repository, "config", "protocol.ext.allow", "always");
    git(repository, "config", "url.ext::sh -c true.insteadOf", "https:");
    writeFileSync(join(repository, ".gitattributes"), "* filter=mine diff=mine\n");
  }

  it("starts none of them, and tells what the repository is at", async () => {
    const commitHash = commit();
    setOrigin("https://host.example/a.git");
    const { program, sprung } = trap(join(folder, "trap"));
    arm(program);
    const expected = { commitHash, branch: "main", repositoryUrl: "https://host.example/a.git" };
    expect(await collectGitInfo(repository)).toEqual(expected);
    expect(sprung()).toEqual([]);
    git(repository, "status");
    expect(sprung().length).toBeGreaterThan(0);
  });

  it("fetches nothing when its objects are elsewhere", async () => {
    commit();
    const { program, sprung } = trap(join(folder, "trap"));
    const commitHash = "1".repeat(40);
    git(repository, "config", "core.repositoryFormatVersion", "1");
    git(repository, "config", "extensions.partialClone", "origin");
    git(repository, "config", "remote.origin.promisor", "true");
    git(repository, "config", "core.sshCommand", program);
    setOrigin("ssh://git@host.invalid/a.git");
    writeFileSync(join(repository, ".git", "refs", "heads", "main"), `${commitHash}\n`);
    const repositoryUrl = "ssh://git@host.invalid/a.git";
    expect(await collectGitInfo(repository)).toEqual({ commitHash, branch: "main", repositoryUrl });
    expect(sprung()).toEqual([]);
  });

  it("takes no git from the folder, nor from the modules that npm puts on the path", async () => {
    const commitHash = commit();
    const modules = join(repository, "node_modules", ".bin");
    mkdirSync(modules, { recursive: true });
    trap(join(modules, "git"));
    const { sprung } = trap(join(repository, "git"));
    vi.stubEnv("PATH", ["", ".", modules, process.env.PATH].join(delimiter));
    expect(await collectGitInfo(repository)).toEqual({ commitHash, branch: "main" });
    expect(sprung()).toEqual([]);
  });
});

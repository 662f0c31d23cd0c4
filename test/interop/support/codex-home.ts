import { execFile } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export interface CodexHomeOptions {
  /** Base URL of the model provider, with `/v1`. */
  readonly providerUrl: string;
  /** More lines of config.toml, below the top-level keys; none by default. */
  readonly config?: string;
  /** More environment variables, such as TZ; none by default. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A CODEX_HOME of its own, with nothing of the user's around it. */
export interface CodexHome {
  /** The CODEX_HOME. */
  readonly path: string;
  /** A folder to work in that is no git repository. */
  readonly workspace: string;
  /** A folder to work in that is a git repository with one commit, always the same. */
  readonly repository: string;
  /** The whole environment of a Codex process. */
  readonly environment: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

const run = promisify(execFile);
const MODEL_PROVIDER = "fake";
const SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin";
/** Nothing listens on port 9 of the loopback interface: what is not the provider cannot be reached. */
const CLOSED_PROXY = "http://127.0.0.1:9";
const GIT_ENVIRONMENT = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };

/** Makes an empty home whose only model is the given provider's; nothing in it ever asks for an approval. */
export async function createCodexHome(options: CodexHomeOptions): Promise<CodexHome> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "threadstore-codex-")));
  const [path, user, workspace, repository] = ["codex", "user", "workspace", "repository"].map((name) =>
    join(root, name),
  ) as [string, string, string, string];
  await Promise.all([path, user, workspace, repository].map((folder) => mkdir(folder)));
  await writeFile(join(path, "instructions.md"), "You are a demo agent.");
  await writeFile(join(path, "config.toml"), formatConfig({ ...options, path, folders: [workspace, repository] }));
  await createRepository(repository);
  return {
    path,
    workspace,
    repository,
    environment: { ...listEnvironment(path, user), ...options.environment },
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}

function listEnvironment(path: string, user: string): Record<string, string> {
  return {
    ...GIT_ENVIRONMENT,
    CODEX_HOME: path,
    HOME: user,
    PATH: SYSTEM_PATH,
    LANG: "C.UTF-8",
    TZ: "Etc/UTC",
    HTTP_PROXY: CLOSED_PROXY,
    HTTPS_PROXY: CLOSED_PROXY,
    ALL_PROXY: CLOSED_PROXY,
    NO_PROXY: "127.0.0.1",
  };
}

interface ConfigParams extends CodexHomeOptions {
  readonly path: string;
  readonly folders: readonly string[];
}

function formatConfig({ providerUrl, path, folders, config = "" }: ConfigParams): string {
  return [
    'model = "fake-model"',
    `model_provider = "${MODEL_PROVIDER}"`,
    `model_instructions_file = ${JSON.stringify(join(path, "instructions.md"))}`,
    'approval_policy = "never"',
    'sandbox_mode = "danger-full-access"',
    "check_for_update_on_startup = false",
    `[model_providers.${MODEL_PROVIDER}]`,
    `name = "${MODEL_PROVIDER}"`,
    `base_url = "${providerUrl}"`,
    'wire_api = "responses"',
    "request_max_retries = 0",
    "stream_max_retries = 0",
    "[analytics]",
    "enabled = false",
    // They look for servers or start shells, and write nothing that a thread needs.
    "[features]",
    "apps = false",
    "plugins = false",
    "shell_snapshot = false",
    ...folders.flatMap((folder) => [`[projects.${JSON.stringify(folder)}]`, 'trust_level = "trusted"']),
    config,
    "",
  ].join("\n");
}

/** Fixed names and times, so that the commit has the same hash in each run. */
async function createRepository(folder: string): Promise<void> {
  const who = { NAME: "Demo", EMAIL: "demo@example.com", DATE: "2026-01-01T00:00:00Z" };
  const people = Object.entries(who).flatMap(([key, value]) => [
    [`GIT_AUTHOR_${key}`, value],
    [`GIT_COMMITTER_${key}`, value],
  ]);
  const env = { ...GIT_ENVIRONMENT, PATH: SYSTEM_PATH, HOME: folder, ...Object.fromEntries(people) };
  const git = (...words: string[]) => run("git", words, { cwd: folder, env });
  await git("init", "--quiet", "--initial-branch=main");
  await git("remote", "add", "origin", "https://example.com/demo/project.git");
  await git("commit", "--quiet", "--allow-empty", "--message=Start");
}

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

export const COMMAND = fileURLToPath(new URL("../../bin/threadstore.js", import.meta.url));

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Beside the path and the home of the user. */
  readonly environment?: NodeJS.ProcessEnv;
  readonly input?: string;
}

/** Runs the command as a person would, with its input and output piped. */
export function runCommand(args: readonly string[], { environment, input = "" }: RunOptions = {}): Promise<Run> {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...environment };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [COMMAND, ...args], { env, maxBuffer: 1e8 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
    child.stdin?.end(input);
  });
}

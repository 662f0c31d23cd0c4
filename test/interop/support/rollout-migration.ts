import { execFile } from "node:child_process";
import type { ThreadId } from "@threadstore/core";
import type { CodexHome } from "./codex-home.js";

export interface MigrationOutcome {
  readonly threadId: ThreadId;
  readonly status: string;
  readonly failureReason?: string;
}

interface ReportedOutcome {
  readonly thread_id: string;
  readonly status: string;
  readonly failure_reason?: string;
}

/** Runs `codex migrate-rollouts --apply` over a home; gives what became of each thread, ordered by thread id. */
export function migrateRollouts(command: string, home: CodexHome): Promise<MigrationOutcome[]> {
  const options = { env: home.environment, cwd: home.workspace };
  return new Promise((resolve, reject) => {
    execFile(command, ["migrate-rollouts", "--apply", "--json"], options, (error, stdout) => {
      // It reports all outcomes and ends with 1 when one of them is a failure.
      if (error && error.code !== 1) reject(error);
      else resolve(readOutcomes(stdout));
    });
  });
}

function readOutcomes(stdout: string): MigrationOutcome[] {
  const { outcomes } = JSON.parse(stdout) as { readonly outcomes: readonly ReportedOutcome[] };
  return outcomes
    .map(({ thread_id: threadId, status, failure_reason: failureReason }) => ({
      threadId,
      status,
      ...(failureReason === undefined ? {} : { failureReason }),
    }))
    .sort((left, right) => (left.threadId < right.threadId ? -1 : 1));
}

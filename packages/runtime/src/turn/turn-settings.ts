import type { JsonObject, RolloutItem, ThreadId } from "@threadstore/core";
import { eventItem } from "./turn-items.js";

/** The settings a turn runs with; whoever resumes the thread goes on with them. */
export interface TurnSettings {
  readonly cwd: string;
  readonly model: string;
  /** As Codex's config.toml names it. Default: the thread's own. */
  readonly modelProvider?: string;
  /** Default `never`. */
  readonly approvalPolicy?: "untrusted" | "on-failure" | "on-request" | "never";
  /** As Codex records it. Default `{"type":"danger-full-access"}`. */
  readonly sandboxPolicy?: JsonObject;
  readonly reasoningEffort?: string;
  /** Tokens that the model takes. */
  readonly contextWindow?: number;
}

const NO_SANDBOX: JsonObject = { type: "danger-full-access" };

/** The `turn_context` of a turn with these settings. */
export function turnContextItem(turn: JsonObject, settings: TurnSettings): RolloutItem {
  const { cwd, model, reasoningEffort } = settings;
  const effort = reasoningEffort === undefined ? {} : { effort: reasoningEffort };
  return {
    type: "turn_context",
    payload: { ...turn, cwd, ...policiesOf(settings), model, ...effort, summary: "auto" },
  };
}

/** Tells that a thread goes on with these settings. */
export function settingsAppliedItem(threadId: ThreadId, settings: TurnSettings): RolloutItem {
  const { cwd, model, modelProvider, reasoningEffort } = settings;
  const collaboration = { model, reasoning_effort: reasoningEffort ?? null, developer_instructions: null };
  const thread_settings = {
    model,
    ...(modelProvider === undefined ? {} : { model_provider_id: modelProvider }),
    ...policiesOf(settings),
    approvals_reviewer: "user",
    ...(settings.sandboxPolicy === undefined ? { permission_profile: { type: "disabled" } } : {}),
    cwd,
    runtime_workspace_roots: [cwd],
    ...(reasoningEffort === undefined ? {} : { reasoning_effort: reasoningEffort }),
    collaboration_mode: { mode: "default", settings: collaboration },
  };
  return eventItem("thread_settings_applied", { thread_id: threadId, thread_settings });
}

function policiesOf({ approvalPolicy = "never", sandboxPolicy = NO_SANDBOX }: TurnSettings): JsonObject {
  return { approval_policy: approvalPolicy, sandbox_policy: sandboxPolicy };
}

import { asJsonObject, type StoredThread } from "@threadstore/core";
import type { TurnSettings } from "../turn/turn-settings.js";

const APPROVAL_POLICIES = ["untrusted", "on-failure", "on-request", "never"] as const;

/** The settings with which a stored thread goes on: what it last ran with, over what threads run with by default. */
export function storedSettings(thread: StoredThread, defaults: TurnSettings): TurnSettings {
  const { cwd, model, modelProvider, reasoningEffort, approvalMode, sandboxPolicy } = thread;
  const approvalPolicy = APPROVAL_POLICIES.find((policy) => policy === approvalMode);
  const sandbox = asJsonObject(sandboxPolicy);
  return {
    ...defaults,
    ...(cwd === "" ? {} : { cwd }),
    ...(model === undefined ? {} : { model }),
    ...(modelProvider === "" ? {} : { modelProvider }),
    ...(reasoningEffort === undefined ? {} : { reasoningEffort }),
    ...(approvalPolicy ? { approvalPolicy } : {}),
    ...(sandbox ? { sandboxPolicy: sandbox } : {}),
  };
}

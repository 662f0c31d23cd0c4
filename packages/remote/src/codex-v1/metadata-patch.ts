import type { ThreadMetadataPatch as StorePatch } from "@threadstore/core";
import {
  type GitInfoPatch,
  type OptionalStringPatch,
  OptionalStringPatchKind,
  ThreadMemoryMode,
  type ThreadMetadataPatch,
} from "../gen/codex/thread_store/v1/thread_store_pb.js";

/** A change of metadata as the real Codex asks for it. */
export function readPatch(message: ThreadMetadataPatch | undefined): StorePatch {
  const { name, memoryMode, gitInfo } = message ?? {};
  return {
    ...(name === undefined ? {} : { name }),
    ...(memoryMode === undefined
      ? {}
      : { memoryMode: memoryMode === ThreadMemoryMode.DISABLED ? "disabled" : "enabled" }),
    ...(gitInfo === undefined ? {} : { gitInfo: readGitPatch(gitInfo) }),
  };
}

function readGitPatch({ sha, branch, originUrl }: GitInfoPatch): NonNullable<StorePatch["gitInfo"]> {
  return {
    ...readText("commitHash", sha),
    ...readText("branch", branch),
    ...readText("repositoryUrl", originUrl),
  };
}

function readText<K extends string>(
  key: K,
  patch: OptionalStringPatch | undefined,
): { readonly [key in K]?: string | null } {
  if (!patch || patch.kind === OptionalStringPatchKind.UNSET) return {};
  const value = patch.kind === OptionalStringPatchKind.SET ? (patch.value ?? "") : null;
  return { [key]: value } as { readonly [key in K]?: string | null };
}

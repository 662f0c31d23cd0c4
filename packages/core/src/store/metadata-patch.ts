import { z } from "zod";
import type { Instant } from "../protocol/instant.js";
import type { SessionSource } from "../protocol/session-source.js";
import { instantSchema, sessionSourceSchema } from "./field-schemas.js";

/** Null clears the field, a value sets it. */
export type Clearable<T> = T | null;

/** A literal change of metadata: absent keeps, null clears, a value sets and wins over the items until set again. */
export interface ThreadMetadataPatch {
  readonly name?: Clearable<string>;
  readonly preview?: string;
  readonly title?: string;
  readonly firstUserMessage?: string;
  readonly modelProvider?: string;
  readonly model?: string;
  readonly serviceTier?: Clearable<string>;
  readonly reasoningEffort?: Clearable<string>;
  readonly createdAt?: Instant;
  readonly updatedAt?: Instant;
  /** Moves recency forward to this instant; an earlier one changes nothing. */
  readonly advanceRecencyAt?: Instant;
  readonly source?: SessionSource;
  readonly threadSource?: Clearable<string>;
  readonly agentNickname?: Clearable<string>;
  readonly agentRole?: Clearable<string>;
  readonly agentPath?: Clearable<string>;
  readonly cwd?: string;
  readonly cliVersion?: string;
  readonly approvalMode?: unknown;
  readonly sandboxPolicy?: unknown;
  readonly permissionProfile?: unknown;
  readonly tokenUsage?: unknown;
  readonly gitInfo?: GitInfoPatch;
  readonly memoryMode?: "enabled" | "disabled";
  readonly rolloutPath?: string;
}

export interface GitInfoPatch {
  readonly commitHash?: Clearable<string>;
  readonly branch?: Clearable<string>;
  readonly repositoryUrl?: Clearable<string>;
}

const clearableText = z.string().nullable();

export const metadataPatchSchema = z.strictObject({
  name: clearableText.exactOptional(),
  preview: z.string().exactOptional(),
  title: z.string().exactOptional(),
  firstUserMessage: z.string().exactOptional(),
  modelProvider: z.string().exactOptional(),
  model: z.string().exactOptional(),
  serviceTier: clearableText.exactOptional(),
  reasoningEffort: clearableText.exactOptional(),
  createdAt: instantSchema.exactOptional(),
  updatedAt: instantSchema.exactOptional(),
  advanceRecencyAt: instantSchema.exactOptional(),
  source: sessionSourceSchema.exactOptional(),
  threadSource: clearableText.exactOptional(),
  agentNickname: clearableText.exactOptional(),
  agentRole: clearableText.exactOptional(),
  agentPath: clearableText.exactOptional(),
  cwd: z.string().exactOptional(),
  cliVersion: z.string().exactOptional(),
  approvalMode: z.unknown().exactOptional(),
  sandboxPolicy: z.unknown().exactOptional(),
  permissionProfile: z.unknown().exactOptional(),
  tokenUsage: z.unknown().exactOptional(),
  gitInfo: z
    .strictObject({
      commitHash: clearableText.exactOptional(),
      branch: clearableText.exactOptional(),
      repositoryUrl: clearableText.exactOptional(),
    })
    .exactOptional(),
  memoryMode: z.enum(["enabled", "disabled"]).exactOptional(),
  rolloutPath: z.string().exactOptional(),
});

/** Joins two patches into the one that does both in turn: what is present in the later one wins, clears included. */
export function mergePatches(earlier: ThreadMetadataPatch, later: ThreadMetadataPatch): ThreadMetadataPatch {
  const merged = { ...earlier, ...present(later) };
  const git = earlier.gitInfo && later.gitInfo ? { ...earlier.gitInfo, ...present(later.gitInfo) } : merged.gitInfo;
  const recency = [earlier.advanceRecencyAt, later.advanceRecencyAt].filter((at) => at !== undefined).sort();
  return {
    ...merged,
    ...(git === undefined ? {} : { gitInfo: git }),
    // Recency never goes back: the later instant is what both do in turn, whichever came first.
    ...(recency.length === 0 ? {} : { advanceRecencyAt: recency.at(-1) as Instant }),
  };
}

/** Whether a patch asks for nothing. */
export function isEmptyPatch(patch: ThreadMetadataPatch): boolean {
  const { gitInfo, ...fields } = patch;
  return Object.keys(present(fields)).length === 0 && Object.keys(present(gitInfo ?? {})).length === 0;
}

/** Undefined is absent: a field that is spelled out but undefined keeps what was there. */
function present<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

import type { FileStatus, FileSystem } from "../../file-system/file-system.js";
import { readRolloutRow } from "../../index/rollout-row.js";
import { METADATA_JOURNAL } from "../../journal/metadata-journal.js";
import { isSystemError } from "../../map-error.js";
import { SESSION_INDEX } from "../../neighbour/session-index.js";
import { findRollouts, type RolloutFile } from "../../rollout/find-rollouts.js";
import { RECOVERED_FOLDER } from "../examination/examine-leftovers.js";
import { APPEND_KEYS_FOLDER } from "../examination/examine-records.js";
import type { BackupEntry, BackupKind } from "./manifest.js";

/** A file of a home that is to be copied. */
export interface BackupSource {
  readonly path: string;
  readonly kind: BackupKind;
  readonly status: FileStatus;
  readonly ids: RolloutIds;
}

/** Of rollouts: what tells which of them belong together. */
export type RolloutIds = Pick<BackupEntry, "threadId" | "rolloutId" | "baseRolloutId">;

/**
 * The files of a home, in an order in which each may be copied while the home is in use: what speaks of items comes before the
 * rollouts that hold them. All are found before the first is copied, so what a fork inherits is there when its base is read.
 */
export function findSources(
  files: FileSystem,
  home: string,
  knownIds: (path: string, status: FileStatus) => RolloutIds | undefined,
): BackupSource[] {
  const beside = [
    ...oneFile(files, home, { path: SESSION_INDEX, kind: "names" }),
    ...oneFile(files, home, { path: METADATA_JOURNAL, kind: "journal" }),
    ...filesBelow(files, home, { path: APPEND_KEYS_FOLDER, kind: "append_keys" }).filter(isJsonLines),
    ...filesBelow(files, home, { path: RECOVERED_FOLDER, kind: "recovered" }),
  ];
  const rollouts = findRollouts(files, home).rollouts.map((file): BackupSource => {
    const ids = knownIds(file.path, file.status) ?? readIds(files, home, file);
    return { path: file.path, kind: "rollout", status: file.status, ids };
  });
  return [...beside, ...rollouts];
}

function isJsonLines({ path }: BackupSource): boolean {
  return path.endsWith(".jsonl");
}

type Wanted = Pick<BackupSource, "path" | "kind">;

function oneFile(files: FileSystem, home: string, wanted: Wanted): BackupSource[] {
  const status = files.status(`${home}/${wanted.path}`);
  return status?.kind === "file" ? [{ ...wanted, status, ids: {} }] : [];
}

function filesBelow(files: FileSystem, home: string, { path, kind }: Wanted): BackupSource[] {
  return (files.readDirectory(`${home}/${path}`) ?? []).flatMap((entry) => {
    const inner = { path: `${path}/${entry.name}`, kind };
    return entry.kind === "directory" ? filesBelow(files, home, inner) : oneFile(files, home, inner);
  });
}

/** A rollout that cannot be read is copied, or fails to be, without them. */
function readIds(files: FileSystem, home: string, file: RolloutFile): RolloutIds {
  try {
    const row = readRolloutRow(files, home, file);
    const { threadId, rolloutId } = row ?? {};
    const baseRolloutId = row?.scan.base?.rolloutId;
    return {
      ...(threadId ? { threadId } : {}),
      ...(rolloutId ? { rolloutId } : {}),
      ...(baseRolloutId ? { baseRolloutId } : {}),
    };
  } catch (error) {
    if (isSystemError(error)) return {};
    throw error;
  }
}

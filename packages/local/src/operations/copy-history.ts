import { dirname } from "node:path";
import { formatRolloutLine } from "@threadstore/core";
import { unavailable } from "@threadstore/core/driver";
import type { AppendFile, FileSystem } from "../file-system/file-system.js";
import { removeLeftover } from "../file-system/folders.js";
import type { LocalHome } from "../local-home.js";
import { RolloutAppender } from "../writer/rollout-appender.js";
import type { ForkSource } from "./fork-source.js";
import type { NewRollout } from "./new-rollout.js";
import { readLineage } from "./read-history.js";

/** Bytes of history that are copied at a time. */
const COPY_BYTES = 4 * 1024 * 1024;

/** Makes the rollout of a legacy fork: its session_meta and every line it begins with. It appears whole. */
export async function copyHistory(home: LocalHome, rollout: NewRollout, source: ForkSource): Promise<RolloutAppender> {
  const { files, names, isDurable } = home;
  const path = `${home.home}/${rollout.path}`;
  const temporary = `${path}.new`;
  names.makeFolder(dirname(path));
  files.removeFile(temporary);
  const file = files.openToAppend(temporary, "new");
  try {
    writeCopy(home, { file, rollout, source });
    if (isDurable) await file.sync();
    files.linkFile(temporary, path);
  } finally {
    file.close();
    removeLeftover(files, temporary);
  }
  try {
    return await openCopy(files, { ...rollout, path });
  } catch (error) {
    removeLeftover(files, path);
    throw error;
  }
}

async function openCopy(files: FileSystem, options: Pick<NewRollout, "path" | "historyMode" | "lock">) {
  const { path, historyMode, lock } = options;
  const appender = await RolloutAppender.open({ files, path, historyMode, lock });
  if (!appender) throw unavailable(`the rollout of thread ${lock.threadId} was removed`);
  return appender;
}

function writeCopy(
  home: LocalHome,
  { file, rollout, source }: { file: AppendFile; rollout: NewRollout; source: ForkSource },
): void {
  const timestamp = rollout.now();
  const write = (json: string) => formatRolloutLine({ timestamp, ordinal: undefined, json });
  file.append(Buffer.from(write(rollout.metaJson)));
  const query = { direction: "asc", batchBytes: COPY_BYTES } as const;
  for (const { items } of readLineage(home, source.lineage, query)) {
    const copied = items.filter((item) => item.ordinal < source.endOrdinalExclusive);
    file.append(Buffer.from(copied.map(({ json }) => write(json)).join("")));
    if (copied.length < items.length) return;
  }
}

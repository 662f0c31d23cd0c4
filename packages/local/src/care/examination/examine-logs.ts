import type { ThreadId } from "@threadstore/core";
import type { FileSystem, OpenFile } from "../../file-system/file-system.js";
import { hasFlock } from "../../file-system/flock.js";
import { logFolder } from "../../log/log-file.js";
import { type LogBreak, readBlocks } from "../../log/log-record.js";
import { counted, type FileFinding, findingIn, type HomeFinding } from "./finding.js";
import { isFree } from "./is-free.js";

/**
 * Commit logs whose process is gone. They are only read: the next opening of a store replays them. One that a living process
 * keeps locked is its own, and an empty one tells nothing.
 */
export function examineLogs(files: FileSystem, home: string): HomeFinding[] {
  const folder = logFolder(home);
  const names = hasFlock ? (files.readDirectory(folder) ?? []).map(({ name }) => name) : [];
  return names
    .filter((name) => name.endsWith(".log") && isFree(files, `${folder}/${name}`))
    .flatMap((name) => examineLog(files, home, `${folder}/${name}`));
}

function examineLog(files: FileSystem, home: string, path: string): HomeFinding[] {
  const file = files.openToRead(path);
  if (!file) return [];
  try {
    const { owners, end } = readLog(file);
    const [threadId = null, ...others] = new Set(owners);
    const findings = [...recordFindings(owners.length, others.length + 1), ...breakFindings(end)];
    // Somebody who opened the home meanwhile may have replayed it.
    if (files.status(path) === null) return [];
    return findings.map((finding) => {
      return findingIn(path.slice(home.length + 1), others.length === 0 ? threadId : null, finding);
    });
  } finally {
    file.close();
  }
}

/** The thread of each record, as far as the log can be read, and why it cannot be read further. */
function readLog(file: OpenFile): { readonly owners: readonly ThreadId[]; readonly end: LogBreak | null } {
  const owners: ThreadId[] = [];
  const blocks = readBlocks(file);
  for (let block = blocks.next(); ; block = blocks.next()) {
    if (block.done) return { owners, end: block.value };
    owners.push(...block.value.map(({ threadId }) => threadId));
  }
}

function recordFindings(records: number, threads: number): FileFinding[] {
  if (records === 0) return [];
  const explanation = `its process is gone, and ${counted(records, "record")} of ${counted(threads, "thread")} wait`;
  return [{ type: "log_unreplayed", count: records, places: [], explanation }];
}

const BREAKS = {
  no_block: "no block begins here",
  cut_off: "the last block is cut off",
  checksum: "a block does not fit its checksum",
  newer: "a newer threadstore wrote what begins here",
} as const satisfies Readonly<Record<LogBreak["why"], string>>;

function breakFindings(found: LogBreak | null): FileFinding[] {
  if (found === null) return [];
  const { offset, why } = found;
  const type = why === "newer" ? "log_newer" : "log_damaged";
  return [{ type, count: 1, places: [{ offset }], explanation: BREAKS[why] }];
}

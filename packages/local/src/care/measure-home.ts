import { setImmediate } from "node:timers/promises";
import { type HistoryMode, sourceKindOf, type ThreadId } from "@threadstore/core";
import type { FileSystem } from "../file-system/file-system.js";
import { isArchived } from "../index/choose-rollout.js";
import { indexLocations } from "../index/index-location.js";
import { type RolloutRow, readRolloutRow } from "../index/rollout-row.js";
import { type LocalHome, type LocalHomeOptions, openLocalHome } from "../local-home.js";
import { isSystemError, mapError } from "../map-error.js";
import { readSessionIndex } from "../neighbour/session-index.js";
import { findRollouts, type RolloutFile } from "../rollout/find-rollouts.js";
import type { BytesByKind } from "./line-weight.js";
import { addWeights, NO_WEIGHT, type RolloutWeight, weighRollout } from "./weigh-rollout.js";

export interface MeasureOptions extends Pick<LocalHomeOptions, "home" | "files" | "environment"> {
  /** How many of the heaviest threads to name. Default 10. */
  readonly heaviestMax?: number;
  /** Told after each file: how many were measured, and how many there are. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** What a home holds, and what makes it heavy. */
export interface HomeMeasure {
  readonly threads: ThreadCounts;
  /** Turns begun on record, those taken back later included; copies in forks count again. */
  readonly turns: number;
  readonly files: FileCounts;
  readonly bytes: DiskBytes;
  /** The text of all rollouts: what compressed ones would be if they were not. */
  readonly bytesByKind: BytesByKind;
  readonly longestLineBytes: number;
  /** By bytes on the disk, the heaviest first. */
  readonly heaviest: readonly ThreadWeight[];
}

export interface ThreadCounts {
  readonly total: number;
  readonly active: number;
  readonly archived: number;
  readonly subAgents: number;
  readonly paginated: number;
  readonly legacy: number;
}

export interface FileCounts {
  readonly rollouts: number;
  readonly compressed: number;
  /** Files that hold no thread, or that the system does not let us read. */
  readonly unreadable: number;
}

/** Bytes on the disk. */
export interface DiskBytes {
  readonly rollouts: number;
  readonly compressed: number;
  readonly index: number;
  readonly journal: number;
}

export interface ThreadWeight {
  readonly threadId: ThreadId;
  /** Its name in the name index, else the beginning of its first message; empty when there is neither. */
  readonly title: string;
  readonly isArchived: boolean;
  readonly files: number;
  readonly diskBytes: number;
  readonly turns: number;
  readonly bytesByKind: BytesByKind;
  readonly longestLineBytes: number;
}

const HEAVIEST_DEFAULT = 10;
const TITLE_MAX_CHARACTERS = 100;

/**
 * Measures a home: every line of every rollout is looked at, none is kept. Changes nothing, the index included, and does
 * not ask it. @throws `unavailable` there is no such home.
 */
export async function measureHome(options: MeasureOptions): Promise<HomeMeasure> {
  const { heaviestMax = HEAVIEST_DEFAULT, onProgress = () => {}, ...homeOptions } = options;
  // The index of an open home is opened when it is asked, which nobody does here.
  const context = openLocalHome(homeOptions);
  try {
    const rollouts = findRollouts(context.files, context.home).rollouts;
    const tally = new HomeTally();
    for (const [at, file] of rollouts.entries()) {
      tally.add(file, weighFile(context, file));
      onProgress(at + 1, rollouts.length);
      await setImmediate();
    }
    const beside = bytesBeside(context, options.environment ?? process.env);
    return tally.measure({ beside, heaviestMax, names: readSessionIndex(context.files, context.home) });
  } catch (error) {
    throw mapError(`measuring ${context.home}`, error);
  }
}

interface WeighedFile {
  /** Null: it belongs to no thread. */
  readonly row: (RolloutRow & { readonly threadId: ThreadId }) | null;
  readonly weight: RolloutWeight;
}

/** A file may be gone meanwhile, and the system may not let us read it. */
function weighFile({ files, home }: LocalHome, file: RolloutFile): WeighedFile | "gone" | "unreadable" {
  try {
    const row = readRolloutRow(files, home, file);
    const weight = row && weighRollout(files, `${home}/${file.path}`);
    if (!weight) return "gone";
    return { row: row.threadId === null ? null : { ...row, threadId: row.threadId }, weight };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return "unreadable";
  }
}

/** What is summed up of one thread, whose files may be several: segments, copies. */
interface ThreadTally {
  isArchived: boolean;
  readonly isSubAgent: boolean;
  readonly historyMode: HistoryMode;
  title: string;
  files: number;
  diskBytes: number;
  weight: RolloutWeight;
}

interface MeasureParts {
  readonly beside: Pick<DiskBytes, "index" | "journal">;
  readonly heaviestMax: number;
  readonly names: ReadonlyMap<ThreadId, string>;
}

class HomeTally {
  readonly #threads = new Map<ThreadId, ThreadTally>();
  #files = { rollouts: 0, compressed: 0, unreadable: 0 };
  #bytes = { rollouts: 0, compressed: 0 };
  #weight = NO_WEIGHT;

  add({ path, status }: RolloutFile, weighed: ReturnType<typeof weighFile>): void {
    if (weighed === "gone") return;
    const storage = path.endsWith(".zst") ? "compressed" : "rollouts";
    this.#files[storage]++;
    this.#bytes[storage] += status.size;
    if (weighed === "unreadable" || weighed.row === null) this.#files.unreadable++;
    if (weighed === "unreadable") return;
    this.#weight = addWeights(this.#weight, weighed.weight);
    if (weighed.row) this.#addToThread(weighed.row, weighed.weight);
  }

  /** A thread is archived when all of its files are. */
  #addToThread(row: RolloutRow & { readonly threadId: ThreadId }, weight: RolloutWeight): void {
    const thread = this.#threads.get(row.threadId) ?? newThreadTally(row);
    this.#threads.set(row.threadId, thread);
    thread.isArchived &&= isArchived(row);
    thread.title ||= (row.scan.facts.firstUserMessage?.text ?? "").slice(0, TITLE_MAX_CHARACTERS);
    thread.files++;
    thread.diskBytes += row.size;
    thread.weight = addWeights(thread.weight, weight);
  }

  measure({ beside, heaviestMax, names }: MeasureParts): HomeMeasure {
    const heaviest = [...this.#threads]
      .sort(([aId, a], [bId, b]) => b.diskBytes - a.diskBytes || (aId < bId ? -1 : 1))
      .slice(0, heaviestMax);
    return {
      threads: this.#threadCounts(),
      turns: this.#weight.turns,
      files: this.#files,
      bytes: { ...this.#bytes, ...beside },
      bytesByKind: this.#weight.bytesByKind,
      longestLineBytes: this.#weight.longestLineBytes,
      heaviest: heaviest.map(([threadId, thread]) => threadWeight(threadId, thread, names)),
    };
  }

  #threadCounts(): ThreadCounts {
    const threads = [...this.#threads.values()];
    const archived = threads.filter((thread) => thread.isArchived).length;
    const paginated = threads.filter(({ historyMode }) => historyMode === "paginated").length;
    return {
      total: threads.length,
      active: threads.length - archived,
      archived,
      subAgents: threads.filter(({ isSubAgent }) => isSubAgent).length,
      paginated,
      legacy: threads.length - paginated,
    };
  }
}

function newThreadTally({ scan }: RolloutRow): ThreadTally {
  const source = scan.facts.meta?.source;
  return {
    isArchived: true,
    isSubAgent: source !== undefined && sourceKindOf(source).startsWith("subAgent"),
    historyMode: scan.historyMode,
    title: "",
    files: 0,
    diskBytes: 0,
    weight: NO_WEIGHT,
  };
}

function threadWeight(threadId: ThreadId, thread: ThreadTally, names: MeasureParts["names"]): ThreadWeight {
  const { isArchived, files, diskBytes, weight } = thread;
  const { turns, bytesByKind, longestLineBytes } = weight;
  const title = names.get(threadId)?.trim() || thread.title;
  return { threadId, title, isArchived, files, diskBytes, turns, bytesByKind, longestLineBytes };
}

const SQLITE_SUFFIXES = ["", "-wal", "-shm"];

function bytesBeside({ files, home }: LocalHome, environment: NodeJS.ProcessEnv): Pick<DiskBytes, "index" | "journal"> {
  const databases = indexLocations(home, environment).flatMap(({ path }) => (path === null ? [] : [path]));
  const paths = databases.flatMap((path) => SQLITE_SUFFIXES.map((suffix) => path + suffix));
  const index = paths.reduce((sum, path) => sum + (files.status(path)?.size ?? 0), 0);
  return { index, journal: bytesBelow(files, `${home}/threadstore/journal`) };
}

function bytesBelow(files: FileSystem, folder: string): number {
  let bytes = 0;
  for (const { name, kind } of files.readDirectory(folder) ?? []) {
    const path = `${folder}/${name}`;
    if (kind === "directory") bytes += bytesBelow(files, path);
    else if (kind === "file") bytes += files.status(path)?.size ?? 0;
  }
  return bytes;
}

import type {
  AppendFile,
  AppendFileStatus,
  FileStatus,
  FileSystem,
  LockKind,
  OpenFile,
  OpenMode,
} from "../../src/file-system/file-system.js";
import { DiskContent } from "./disk-content.js";
import { DiskFolder, DiskNames, type DiskNode } from "./disk-names.js";
import type { SeededRandom } from "./seeded-random.js";
import { systemError } from "./system-error.js";

/** Where a simulated disk has its home; no real folder has this name. */
export const SIMULATED_HOME = "/simulated/home";

/** A store on a simulated disk finds no folder for its index, which SQLite would look for on the real one. */
export const SIMULATED_ENVIRONMENT = { XDG_CACHE_HOME: "/simulated/cache" } as const;

/**
 * A disk in memory, with what the system shows and what would be there after a power cut: content from its sync on, names
 * from the sync of their folder on. Locks are those of flock(2): they belong to an opening of a file.
 */
export class SimulatedDisk {
  readonly files: FileSystem = simulatedFiles(this);
  /** What a sync waits for before it is done. Default: nothing. */
  syncing: () => Promise<void> = async () => {};
  readonly #names: DiskNames;
  readonly #open: Set<SimulatedFile> = new Set();
  #nextInode: number;
  #mtimeMs: number;

  constructor(from?: { readonly names: DiskNames; readonly nextInode: number; readonly mtimeMs: number }) {
    this.#names = from?.names ?? new DiskNames(new DiskFolder(1, 0));
    this.#nextInode = from?.nextInode ?? 2;
    this.#mtimeMs = from?.mtimeMs ?? Date.UTC(2026, 0, 15, 12);
    if (!from) this.files.makeDirectory(SIMULATED_HOME);
  }

  /** A disk of its own that holds the same, all of it durable; nobody has anything open or locked there. */
  copy(): SimulatedDisk {
    return this.#with(this.#names.copy());
  }

  /** The disk after a power cut at this moment. */
  crash(random: SeededRandom): SimulatedDisk {
    return this.#with(this.#names.afterCut(random));
  }

  /** The paths of files that somebody has open. */
  get openPaths(): readonly string[] {
    return [...this.#open].map(({ path }) => path);
  }

  /** The paths of all files, sorted. */
  get paths(): readonly string[] {
    const walk = (folder: DiskFolder, path: string): string[] =>
      [...folder.names].flatMap(([name, node]) =>
        node instanceof DiskFolder ? walk(node, `${path}/${name}`) : [`${path}/${name}`],
      );
    return walk(this.#names.root, "").sort();
  }

  readBytes(path: string): Buffer {
    return this.requireContent("read", path).bytes;
  }

  /** Puts a file in place as another program would. */
  writeBytes(path: string, bytes: Uint8Array): void {
    this.files.removeFile(path);
    const file = this.files.openToAppend(path, "new");
    file.append(bytes);
    file.close();
  }

  find(path: string): DiskNode | undefined {
    let node: DiskNode | undefined = this.#names.root;
    for (const name of namesOf(path)) node = node instanceof DiskFolder ? node.names.get(name) : undefined;
    return node;
  }

  requireContent(operation: string, path: string): DiskContent {
    const node = this.find(path);
    if (node instanceof DiskContent) return node;
    throw systemError(node ? "EISDIR" : "ENOENT", operation, path);
  }

  /** The folder that a name stands in, which has to be there. */
  requireParent(operation: string, path: string): { readonly folder: DiskFolder; readonly name: string } {
    const names = namesOf(path);
    const folder = this.find(names.slice(0, -1).join("/"));
    if (folder instanceof DiskFolder) return { folder, name: names.at(-1) as string };
    throw systemError(folder ? "ENOTDIR" : "ENOENT", operation, path);
  }

  /** Lets names stand for files, all of them at once. */
  setNames(operation: string, names: readonly (readonly [path: string, node: DiskNode | null])[]): void {
    const step = names.map(([path, node]) => ({ ...this.requireParent(operation, path), node }));
    this.#names.change(step, this.tick());
  }

  beginFolderSync(path: string): () => void {
    const folder = this.find(path);
    if (!(folder instanceof DiskFolder)) throw systemError("ENOENT", "syncDirectory", path);
    return this.#names.beginSync(folder);
  }

  /** Waits as long as the disk takes, then finishes a sync that has begun. */
  async whenSynced(finish: () => void): Promise<void> {
    await this.syncing();
    finish();
  }

  newInode(): number {
    return this.#nextInode++;
  }

  /** A time that is later than all before, as if no two changes came within one step of the clock. */
  tick(): number {
    this.#mtimeMs += 0.25;
    return this.#mtimeMs;
  }

  open(path: string, content: DiskContent): SimulatedFile {
    const file = new SimulatedFile(path, content, this);
    this.#open.add(file);
    return file;
  }

  closed(file: SimulatedFile): void {
    this.#open.delete(file);
  }

  #with(names: DiskNames): SimulatedDisk {
    return new SimulatedDisk({ names, nextInode: this.#nextInode, mtimeMs: this.#mtimeMs });
  }
}

function namesOf(path: string): readonly string[] {
  return path.split("/").filter((name) => name !== "");
}

/** The port on a simulated disk. */
function simulatedFiles(disk: SimulatedDisk): FileSystem {
  const requireFree = (operation: string, path: string) => {
    if (disk.find(path)) throw systemError("EEXIST", operation, path);
  };
  const openFound = (path: string) => {
    const content = disk.find(path) && disk.requireContent("open", path);
    return content ? disk.open(path, content) : null;
  };
  const makeFile = (operation: string, path: string): DiskContent => {
    const content = new DiskContent(disk.newInode(), disk.tick());
    disk.setNames(operation, [[path, content]]);
    return content;
  };
  const openToAppend = (path: string, mode: OpenMode) => {
    if (mode === "new") requireFree("openToAppend", path);
    const found = openFound(path);
    if (found || mode === "existing") return found;
    return disk.open(path, makeFile("openToAppend", path));
  };
  return {
    status: (path) => statusOf(disk.find(path)),
    readDirectory: (path) => entriesOf(disk.find(path)),
    openToRead: openFound,
    realPath: (path) => (disk.find(path) ? `/${namesOf(path).join("/")}` : null),
    makeDirectory: (path) => makeFolders(disk, path),
    writeNewFile: (path, content) => {
      if (!disk.find(path)) makeFile("writeNewFile", path).append(Buffer.from(content));
    },
    openToAppend: openToAppend as FileSystem["openToAppend"],
    writeOver: (path, bytes, position) => {
      const content = disk.requireContent("writeOver", path);
      content.writeOver(bytes, position);
      content.mtimeMs = disk.tick();
    },
    linkFile: (path, newPath) => {
      const content = disk.requireContent("linkFile", path);
      requireFree("linkFile", newPath);
      disk.setNames("linkFile", [[newPath, content]]);
    },
    renameFile: (path, newPath) => {
      const content = disk.requireContent("renameFile", path);
      disk.setNames("renameFile", [
        [path, null],
        [newPath, content],
      ]);
    },
    setModifiedTime: (path, mtimeMs) => {
      disk.requireContent("setModifiedTime", path).mtimeMs = mtimeMs;
    },
    removeFile: (path) => {
      if (!disk.find(path)) return;
      disk.requireContent("removeFile", path);
      disk.setNames("removeFile", [[path, null]]);
    },
    syncDirectory: async (path) => disk.whenSynced(disk.beginFolderSync(path)),
  };
}

function makeFolders(disk: SimulatedDisk, path: string): string | undefined {
  let topmost: string | undefined;
  const names = namesOf(path);
  for (let depth = 1; depth <= names.length; depth++) {
    const folder = `/${names.slice(0, depth).join("/")}`;
    const found = disk.find(folder);
    if (found instanceof DiskFolder) continue;
    if (found) throw systemError("ENOTDIR", "makeDirectory", folder);
    disk.setNames("makeDirectory", [[folder, new DiskFolder(disk.newInode(), disk.tick())]]);
    topmost ??= folder;
  }
  return topmost;
}

function statusOf(node: DiskNode | undefined): FileStatus | null {
  if (!node) return null;
  const { inode, mtimeMs } = node;
  if (node instanceof DiskFolder) return { kind: "directory", size: 0, mtimeMs, inode };
  return { kind: "file", size: node.bytes.length, mtimeMs, inode };
}

function entriesOf(node: DiskNode | undefined) {
  if (!(node instanceof DiskFolder)) return null;
  return [...node.names].map(([name, entry]) => {
    return { name, kind: entry instanceof DiskFolder ? ("directory" as const) : ("file" as const) };
  });
}

/** An opening of a file. */
class SimulatedFile implements AppendFile, OpenFile {
  readonly path: string;
  readonly #content: DiskContent;
  readonly #disk: SimulatedDisk;
  #isClosed = false;

  constructor(path: string, content: DiskContent, disk: SimulatedDisk) {
    this.path = path;
    this.#content = content;
    this.#disk = disk;
  }

  status(): AppendFileStatus {
    const content = this.#use("status");
    return { ...(statusOf(content) as FileStatus), isLinked: content.links > 0 };
  }

  read(buffer: Uint8Array, position: number): number {
    const part = this.#use("read").bytes.subarray(position, position + buffer.length);
    buffer.set(part);
    return part.length;
  }

  append(bytes: Uint8Array): void {
    const content = this.#use("append");
    content.append(bytes);
    content.mtimeMs = this.#disk.tick();
  }

  truncate(size: number): void {
    const content = this.#use("truncate");
    content.truncate(size);
    content.mtimeMs = this.#disk.tick();
  }

  tryLock(kind: LockKind): boolean {
    const { locks } = this.#use("tryLock");
    const others = [...locks].filter(([file]) => file !== this);
    const isFree = kind === "shared" ? others.every(([, held]) => held === "shared") : others.length === 0;
    // What flock(2) cannot convert, it gives up.
    if (isFree) locks.set(this, kind);
    else locks.delete(this);
    return isFree;
  }

  unlock(): void {
    this.#use("unlock").locks.delete(this);
  }

  async sync(): Promise<void> {
    await this.#disk.whenSynced(this.#use("sync").beginSync());
  }

  syncNow(): void {
    this.#use("sync").beginSync()();
  }

  /** A sync failed, and what was not synced is lost to the disk. */
  loseUnsynced(): void {
    this.#use("sync").loseUnsynced();
  }

  close(): void {
    this.#use("close").locks.delete(this);
    this.#isClosed = true;
    this.#disk.closed(this);
  }

  #use(operation: string): DiskContent {
    if (this.#isClosed) throw systemError("EBADF", operation, this.path);
    return this.#content;
  }
}

import { DiskContent } from "./disk-content.js";
import type { SeededRandom } from "./seeded-random.js";

export type DiskNode = DiskFolder | DiskContent;

/** A folder: the names in it as the system shows them, and as the disk has them. */
export class DiskFolder {
  readonly inode: number;
  mtimeMs: number;
  readonly names: Map<string, DiskNode>;
  readonly durable: Map<string, DiskNode>;

  constructor(inode: number, mtimeMs: number) {
    this.inode = inode;
    this.mtimeMs = mtimeMs;
    this.names = new Map();
    this.durable = new Map();
  }
}

/** What one name stands for from then on; null: nothing. */
interface NameChange {
  readonly folder: DiskFolder;
  readonly name: string;
  readonly node: DiskNode | null;
}

/** Changes of names that happen together or not at all: a rename is two. */
type NameStep = readonly NameChange[];

/** The tree of names of a disk, and the changes of it that are not on the disk yet. */
export class DiskNames {
  readonly root: DiskFolder;
  #steps: readonly NameStep[] = [];

  constructor(root: DiskFolder) {
    this.root = root;
  }

  change(step: NameStep, mtimeMs: number): void {
    for (const { folder, name, node } of step) {
      const before = folder.names.get(name);
      if (before instanceof DiskContent) before.links--;
      if (node instanceof DiskContent) node.links++;
      if (node) folder.names.set(name, node);
      else folder.names.delete(name);
      folder.mtimeMs = mtimeMs;
    }
    this.#steps = [...this.#steps, step];
  }

  /** Begins to sync a folder: its names as they are now are on the disk once the returned function was called. */
  beginSync(folder: DiskFolder): () => void {
    const begun = this.#closure(this.#steps.filter((step) => step.some((change) => change.folder === folder)));
    return () => {
      const done = this.#steps.filter((step) => begun.has(step));
      for (const change of done.flat()) applyTo(change.folder.durable, change);
      this.#steps = this.#steps.filter((step) => !begun.has(step));
    };
  }

  /** The tree of a disk that was not cut off. */
  copy(): DiskNames {
    return copyTree(this.root, { namesOf: (folder) => folder.names, contentOf: (content) => content.copy() });
  }

  /**
   * The tree after a power cut. What happened to one name, happened in its order; other changes in any combination, or, as
   * on most file systems, all of them up to some point.
   */
  afterCut(random: SeededRandom): DiskNames {
    const kept = this.#closure(this.#survivors(random));
    const names = new Map<DiskFolder, Map<string, DiskNode>>();
    const namesOf = (folder: DiskFolder) => {
      const found = names.get(folder) ?? new Map(folder.durable);
      names.set(folder, found);
      return found;
    };
    for (const step of this.#steps)
      if (kept.has(step)) for (const change of step) applyTo(namesOf(change.folder), change);
    return copyTree(this.root, { namesOf, contentOf: (content) => content.afterCut(random) });
  }

  /** Changes of names that reached the disk though nobody waited for it. The two extremes are where most bugs are. */
  #survivors(random: SeededRandom): readonly NameStep[] {
    const kind = random.pick(["none", "all", "first", "any"] as const);
    const end = random.below(this.#steps.length + 1);
    const likely = random.fraction();
    if (kind === "none") return [];
    if (kind === "all") return this.#steps;
    return this.#steps.filter((_step, at) => (kind === "first" ? at < end : random.fraction() < likely));
  }

  /** Steps, and what happened before to the same names. */
  #closure(steps: readonly NameStep[]): Set<NameStep> {
    const all = new Set(steps);
    const touched = new Map<DiskFolder, Set<string>>();
    for (const step of [...this.#steps].reverse()) {
      if (!all.has(step) && !step.some(({ folder, name }) => touched.get(folder)?.has(name))) continue;
      all.add(step);
      for (const { folder, name } of step) touched.set(folder, (touched.get(folder) ?? new Set()).add(name));
    }
    return all;
  }
}

function applyTo(names: Map<string, DiskNode>, { name, node }: NameChange): void {
  if (node) names.set(name, node);
  else names.delete(name);
}

interface CopyOptions {
  readonly namesOf: (folder: DiskFolder) => ReadonlyMap<string, DiskNode>;
  readonly contentOf: (content: DiskContent) => DiskContent;
}

/** A tree of its own, in which everything is on the disk. Names of one file stay names of one file. */
function copyTree(root: DiskFolder, { namesOf, contentOf }: CopyOptions): DiskNames {
  const contents = new Map<DiskContent, DiskContent>();
  const copyNode = (node: DiskNode): DiskNode => {
    if (node instanceof DiskFolder) return copyFolder(node);
    const copy = contents.get(node) ?? contentOf(node);
    contents.set(node, copy);
    copy.links++;
    return copy;
  };
  const copyFolder = (folder: DiskFolder): DiskFolder => {
    const copy = new DiskFolder(folder.inode, folder.mtimeMs);
    for (const [name, node] of namesOf(folder)) {
      const made = copyNode(node);
      copy.names.set(name, made);
      copy.durable.set(name, made);
    }
    return copy;
  };
  return new DiskNames(copyFolder(root));
}

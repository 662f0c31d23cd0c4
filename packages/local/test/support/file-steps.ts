import type { AppendFile, FileSystem, OpenFile } from "../../src/file-system/file-system.js";
import { type SystemErrorCode, systemError } from "./system-error.js";

/** Everything that can be asked of the port: of the file system, or of an open file. */
export type StepOperation = keyof FileSystem | Exclude<keyof AppendFile, "content" | "status"> | "fileStatus";

/** One call of the port. */
export interface FileStep {
  /** Counted from 1. */
  readonly number: number;
  readonly operation: StepOperation;
  readonly path: string;
}

/** How a step fails. */
export interface StepFault {
  readonly code: SystemErrorCode;
  /** Of an append: the part of its bytes that is written before it fails. Default: none. */
  readonly written?: number;
  /** Of a sync: the system takes what was not synced for synced, as Linux does. */
  readonly loses?: boolean;
}

/** Called before each step; what it returns makes the step fail. */
export type OnStep = (step: FileStep) => StepFault | undefined;

/** The errors that each operation can fail with on a real system. Closing and unlocking do not fail. */
export const FITTING_FAULTS: Readonly<Record<StepOperation, readonly StepFault[]>> = {
  status: codes("EIO", "EACCES"),
  readDirectory: codes("EIO", "EMFILE", "EACCES"),
  openToRead: codes("EIO", "EMFILE", "EACCES"),
  realPath: codes("EIO", "EACCES"),
  makeDirectory: codes("EIO", "ENOSPC", "EROFS", "EACCES"),
  writeNewFile: codes("EIO", "ENOSPC", "EROFS", "EMFILE", "EACCES"),
  openToAppend: codes("EIO", "ENOSPC", "EROFS", "EMFILE", "EACCES"),
  linkFile: codes("EIO", "ENOSPC", "EROFS", "EACCES"),
  renameFile: codes("EIO", "ENOSPC", "EROFS", "EACCES"),
  setModifiedTime: codes("EIO", "EROFS", "EACCES"),
  removeFile: codes("EIO", "EROFS", "EACCES"),
  syncDirectory: codes("EIO", "ENOSPC", "EMFILE"),
  fileStatus: codes("EIO"),
  read: codes("EIO"),
  append: [
    ...codes("EIO", "ENOSPC", "EROFS"),
    { code: "ENOSPC", written: 0.3 },
    { code: "ENOSPC", written: 0.75 },
    { code: "EIO", written: 1 },
  ],
  truncate: codes("EIO", "EROFS"),
  tryLock: codes("EIO"),
  sync: [...codes("EIO", "ENOSPC"), { code: "EIO", loses: true }],
  syncNow: codes("EIO", "ENOSPC"),
  writeOver: codes("EIO", "ENOSPC", "EROFS", "EACCES"),
  unlock: [],
  close: [],
};

function codes(...all: readonly SystemErrorCode[]): readonly StepFault[] {
  return all.map((code) => ({ code }));
}

const CHANGING: ReadonlySet<StepOperation> = new Set([
  "makeDirectory",
  "writeNewFile",
  "openToAppend",
  "linkFile",
  "renameFile",
  "setModifiedTime",
  "removeFile",
  "syncDirectory",
  "append",
  "truncate",
  "writeOver",
  "sync",
  "syncNow",
]);

/** Whether a step can change what is on the disk. */
export function changesDisk({ operation }: FileStep): boolean {
  return CHANGING.has(operation);
}

/** A file system that tells each call before it is made, and fails where it is told to. */
export function withSteps(files: FileSystem, onStep: OnStep): FileSystem {
  let number = 0;
  const enter = (operation: StepOperation, path: string, before: (fault: StepFault) => void = () => {}): void => {
    const fault = onStep({ number: ++number, operation, path });
    if (!fault) return;
    before(fault);
    throw systemError(fault.code, operation, path);
  };
  const pass = ([operation, call]: [string, unknown]) => [
    operation,
    (path: string, ...rest: readonly unknown[]) => {
      enter(operation as StepOperation, path);
      return (call as (...all: readonly unknown[]) => unknown)(path, ...rest);
    },
  ];
  const counted = Object.fromEntries(Object.entries(files).map(pass)) as unknown as FileSystem;
  return {
    ...counted,
    openToRead: (path) => {
      const file = counted.openToRead(path);
      return file && readSteps(file, path, enter);
    },
    openToAppend: ((path: string, mode: "either") => {
      const file: AppendFile | null = counted.openToAppend(path, mode);
      return file && appendSteps(file, path, enter);
    }) as FileSystem["openToAppend"],
    // A sync that fails at once rejects like one that fails later.
    syncDirectory: async (path) => counted.syncDirectory(path),
  };
}

/** A file that can do what a failing sync does. */
interface LosingFile {
  loseUnsynced(): void;
}

type Enter = (operation: StepOperation, path: string, before?: (fault: StepFault) => void) => void;

function readSteps<T extends OpenFile>(file: T, path: string, enter: Enter): OpenFile & { status: T["status"] } {
  return {
    status: () => {
      enter("fileStatus", path);
      return file.status() as ReturnType<T["status"]>;
    },
    read: (buffer, position) => {
      enter("read", path);
      return file.read(buffer, position);
    },
    close: () => {
      enter("close", path);
      file.close();
    },
  } as OpenFile & { status: T["status"] };
}

function appendSteps(file: AppendFile, path: string, enter: Enter): AppendFile {
  return {
    ...readSteps(file, path, enter),
    append: (bytes) => {
      enter("append", path, ({ written = 0 }) => file.append(bytes.subarray(0, Math.ceil(bytes.length * written))));
      file.append(bytes);
    },
    truncate: (size) => {
      enter("truncate", path);
      file.truncate(size);
    },
    tryLock: (kind) => {
      enter("tryLock", path);
      return file.tryLock(kind);
    },
    unlock: () => {
      enter("unlock", path);
      file.unlock();
    },
    sync: async () => {
      enter("sync", path, ({ loses }) => {
        if (loses) (file as Partial<LosingFile>).loseUnsynced?.();
      });
      await file.sync();
    },
    syncNow: () => {
      enter("syncNow", path);
      file.syncNow();
    },
  };
}

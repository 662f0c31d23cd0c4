import { nodeFileSystem } from "@threadstore/local";
import type { AppendFile, FileSystem, OpenFile } from "../../src/file-system/file-system.js";

/** A call that reaches the medium: of the file system, or of a file that is open for appending. */
export type FileOperation = keyof FileSystem | Exclude<keyof AppendFile, keyof OpenFile>;

export interface Fault {
  readonly operation: FileOperation;
  /** Default: ENOSPC. */
  readonly code?: keyof typeof ERRNO;
  /** Which call from now on fails first. Default: the next one. */
  readonly call?: number;
  /** How many calls fail from then on. Default: that one alone. */
  readonly calls?: number;
  /** Of an append: how many bytes are written before it fails. Default: none. */
  readonly afterBytes?: number;
  /** Only calls on a path that contains this count. Default: all. */
  readonly path?: string;
}

/** The numbers of Linux; what matters is that there is one, as on every error of the system. */
const ERRNO = { EIO: 5, EMFILE: 24, ENOSPC: 28, EROFS: 30 } as const;

interface Armed {
  readonly fault: Fault;
  seen: number;
}

/** Everything that was asked of the medium, in order: what was asked, of which file, and the bytes of an append. */
export interface FileCall {
  readonly operation: FileOperation;
  readonly path: string;
  readonly text?: string;
}

/** The real file system, in which chosen calls fail as the system fails them. */
export class FailingFileSystem {
  readonly files: FileSystem;
  readonly #calls: FileCall[] = [];
  #armed: Armed[] = [];

  constructor() {
    const pass = ([operation, call]: [string, unknown]) => [
      operation,
      (path: string, ...rest: readonly unknown[]) => {
        this.#enter({ operation: operation as FileOperation, path });
        return (call as (...all: readonly unknown[]) => unknown)(path, ...rest);
      },
    ];
    const files = Object.fromEntries(Object.entries(nodeFileSystem).map(pass)) as unknown as FileSystem;
    const { openToAppend, syncDirectory } = files;
    this.files = {
      ...files,
      openToAppend: ((path: string, mode: "either") => {
        const file: AppendFile | null = openToAppend(path, mode);
        return file && this.#wrap(path, file);
      }) as FileSystem["openToAppend"],
      syncDirectory: async (path) => syncDirectory(path),
    };
  }

  /** Lets calls fail that are made from now on. */
  fail(fault: Fault): void {
    this.#armed.push({ fault, seen: 0 });
  }

  /** Lets every call pass again. */
  heal(): void {
    this.#armed = [];
  }

  /** Every call so far, in order. */
  get log(): readonly FileCall[] {
    return this.#calls;
  }

  /** The calls of one kind on files whose path contains a text. */
  calls(operation: FileOperation, path = ""): readonly FileCall[] {
    return this.#calls.filter((call) => call.operation === operation && call.path.includes(path));
  }

  #wrap(path: string, file: AppendFile): AppendFile {
    return {
      status: () => file.status(),
      read: (buffer, position) => file.read(buffer, position),
      close: () => file.close(),
      append: (bytes) => {
        const call = { operation: "append", path, text: Buffer.from(bytes).toString("utf8") } as const;
        this.#enter(call, (count) => file.append(bytes.subarray(0, count)));
        file.append(bytes);
      },
      truncate: (size) => {
        this.#enter({ operation: "truncate", path });
        file.truncate(size);
      },
      tryLock: (kind) => {
        this.#enter({ operation: "tryLock", path });
        return file.tryLock(kind);
      },
      unlock: () => file.unlock(),
      sync: async () => {
        this.#enter({ operation: "sync", path });
        await file.sync();
      },
      syncNow: () => {
        this.#enter({ operation: "sync", path });
        file.syncNow();
      },
    };
  }

  #enter(call: FileCall, before: (bytes: number) => void = () => {}): void {
    this.#calls.push(call);
    for (const armed of this.#armed) {
      const { operation, code = "ENOSPC", call: first = 1, calls = 1, afterBytes = 0, path = "" } = armed.fault;
      if (operation !== call.operation || !call.path.includes(path)) continue;
      armed.seen++;
      if (armed.seen < first || armed.seen >= first + calls) continue;
      if (afterBytes > 0) before(afterBytes);
      throw systemError(call, code);
    }
  }
}

function systemError({ operation, path }: FileCall, code: keyof typeof ERRNO): NodeJS.ErrnoException {
  const message = `${code}: ${operation} '${path}'`;
  return Object.assign(new Error(message), { code, errno: -ERRNO[code], syscall: operation, path });
}

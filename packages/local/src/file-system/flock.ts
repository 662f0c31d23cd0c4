import { createRequire } from "node:module";
import type Koffi from "koffi";
import type { LockKind } from "./file-system.js";

/** The numbers of flock(2), the same on Linux and macOS. */
const OPERATIONS = { shared: 1, exclusive: 2 } as const;
const WITHOUT_WAITING = 4;
const UNLOCK = 8;

type Flock = (fd: number, operation: number) => number;

/** Loaded when first needed: readers never lock, and start faster without it. */
let library: { readonly koffi: typeof Koffi; readonly flock: Flock } | undefined;

/** Whether this system has flock(2), the lock that the real Codex takes. */
export const hasFlock = process.platform === "linux" || process.platform === "darwin";

/** Locks an open file without waiting; false when somebody else has it. Node itself has no such call. */
export function tryFlock(fd: number, kind: LockKind): boolean {
  const { koffi, flock } = loaded();
  if (flock(fd, OPERATIONS[kind] | WITHOUT_WAITING) === 0) return true;
  const errno = koffi.errno();
  if (errno === koffi.os.errno.EAGAIN || errno === koffi.os.errno.EWOULDBLOCK) return false;
  throw systemError(koffi, errno);
}

export function unlockFlock(fd: number): void {
  const { koffi, flock } = loaded();
  if (flock(fd, UNLOCK) !== 0) throw systemError(koffi, koffi.errno());
}

function loaded(): NonNullable<typeof library> {
  if (library) return library;
  const koffi = createRequire(import.meta.url)("koffi") as typeof Koffi;
  library = { koffi, flock: koffi.load(null).func("int flock(int fd, int operation)") as Flock };
  return library;
}

/** An error with the members that errors of Node's own calls have. */
function systemError(koffi: typeof Koffi, errno: number): NodeJS.ErrnoException {
  const code = Object.entries(koffi.os.errno).find(([, number]) => number === errno)?.[0] ?? "UNKNOWN";
  return Object.assign(new Error(`${code}: flock`), { errno: -errno, code, syscall: "flock" });
}

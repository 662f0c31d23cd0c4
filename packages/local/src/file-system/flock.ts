import koffi from "koffi";
import type { LockKind } from "./file-system.js";

/** The numbers of flock(2), the same on Linux and macOS. */
const OPERATIONS = { shared: 1, exclusive: 2 } as const;
const WITHOUT_WAITING = 4;
const UNLOCK = 8;

type Flock = (fd: number, operation: number) => number;
let flock: Flock | undefined;

/** Whether this system has flock(2), the lock that the real Codex takes. */
export const hasFlock = process.platform === "linux" || process.platform === "darwin";

/** Locks an open file without waiting; false when somebody else has it. Node itself has no such call. */
export function tryFlock(fd: number, kind: LockKind): boolean {
  if (call(fd, OPERATIONS[kind] | WITHOUT_WAITING) === 0) return true;
  const errno = koffi.errno();
  if (errno === koffi.os.errno.EAGAIN || errno === koffi.os.errno.EWOULDBLOCK) return false;
  throw systemError("flock", errno);
}

export function unlockFlock(fd: number): void {
  if (call(fd, UNLOCK) !== 0) throw systemError("flock", koffi.errno());
}

function call(fd: number, operation: number): number {
  // Loaded when first needed: readers never lock.
  flock ??= koffi.load(null).func("int flock(int fd, int operation)") as Flock;
  return flock(fd, operation);
}

/** An error with the members that errors of Node's own calls have. */
function systemError(syscall: string, errno: number): NodeJS.ErrnoException {
  const code = Object.entries(koffi.os.errno).find(([, number]) => number === errno)?.[0] ?? "UNKNOWN";
  return Object.assign(new Error(`${code}: ${syscall}`), { errno: -errno, code, syscall });
}

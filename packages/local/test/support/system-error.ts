/** The numbers of Linux; what matters is that there is one, as on every error of the system. */
const ERRNO = {
  ENOENT: 2,
  EIO: 5,
  EBADF: 9,
  EACCES: 13,
  EEXIST: 17,
  ENOTDIR: 20,
  EISDIR: 21,
  EMFILE: 24,
  ENOSPC: 28,
  EROFS: 30,
} as const;

export type SystemErrorCode = keyof typeof ERRNO;

/** An error with the members that errors of Node's own calls have. */
export function systemError(code: SystemErrorCode, operation: string, path: string): NodeJS.ErrnoException {
  const message = `${code}: ${operation} '${path}'`;
  return Object.assign(new Error(message), { code, errno: -ERRNO[code], syscall: operation, path });
}

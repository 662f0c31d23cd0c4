import type { AppendFile, FileSystem } from "../../src/file-system/file-system.js";

/** File systems that leave out something which the store relies on. */
export const BROKEN_FILE_SYSTEMS = {
  "no content is synced": changingFiles((file) => ({ ...file, sync: async () => {}, syncNow: () => {} })),
  "no folder is synced": (files) => ({ ...files, syncDirectory: async () => {} }),
  "a sync is not waited for": changingFiles((file) => ({
    ...file,
    sync: async () => {
      file.sync().catch(() => {});
    },
  })),
  "a file takes the place of another before it is synced": changingFiles((file) => ({ ...file, syncNow: () => {} })),
  "every lock is free": changingFiles((file) => ({ ...file, tryLock: () => true })),
  "a partial write is not taken back": changingFiles((file) => ({ ...file, truncate: () => {} })),
} as const satisfies Record<string, (files: FileSystem) => FileSystem>;

function changingFiles(change: (file: AppendFile) => AppendFile): (files: FileSystem) => FileSystem {
  return (files) => ({
    ...files,
    openToAppend: ((path: string, mode: "either") => {
      const file: AppendFile | null = files.openToAppend(path, mode);
      return file && change(file);
    }) as FileSystem["openToAppend"],
  });
}

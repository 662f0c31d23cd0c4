import { statfsSync } from "node:fs";

/** NFS, SMB 1 to 3, FUSE, 9P, Ceph: as Linux numbers them. */
const REMOTE_TYPES = new Set([0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x65735546, 0x01021997, 0x00c36400]);

/** Whether others may change a folder without this system being told. Only Linux says what file system a folder is on. */
export function isOnRemoteFileSystem(folder: string): boolean {
  if (process.platform !== "linux") return false;
  return REMOTE_TYPES.has(statfsSync(folder).type);
}

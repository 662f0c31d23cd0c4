// The real file system, in which the process dies at a chosen call: before it, after it, or with half of an append written.
import { nodeFileSystem } from "@threadstore/local";

/** What changes something, or what others see: reads are passed by. */
const CALLS = new Set([
  ...["openToAppend", "linkFile", "renameFile", "removeFile", "makeDirectory", "setModifiedTime", "syncDirectory"],
  ...["append", "truncate", "tryLock", "unlock", "sync", "syncNow"],
]);

function die() {
  process.kill(process.pid, "SIGKILL");
}

/** `crash.call` counts from the time this is made; without a crash nothing dies. */
export function dyingFiles(crash) {
  if (!crash) return nodeFileSystem;
  let calls = 0;
  const wrap = (target) =>
    new Proxy(target, {
      get(_target, name) {
        const member = target[name];
        if (typeof member !== "function") return member;
        return (...args) => (CALLS.has(name) ? enter(target, name, args) : member.apply(target, args));
      },
    });
  const enter = (target, name, args) => {
    const isLast = ++calls === crash.call;
    if (isLast && crash.when === "before") die();
    if (isLast && crash.when === "torn" && name === "append") {
      target.append(args[0].subarray(0, Math.floor(args[0].length * crash.fraction)));
      die();
    }
    const result = target[name](...args);
    if (isLast) die();
    return name === "openToAppend" && result ? wrap(result) : result;
  };
  return wrap(nodeFileSystem);
}

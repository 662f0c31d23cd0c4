import type { IndexContext } from "../index/index-context.js";
import { rolloutAt } from "../index/rollout-row.js";
import { fingerprintOf } from "../rollout/fingerprint.js";
import { isBlank, readRecord } from "../rollout/line-item.js";
import { readLines } from "../rollout/line-reader.js";
import { openRollout } from "../rollout/open-rollout.js";
import { messageTexts } from "./message-texts.js";
import { DocumentMaker } from "./text-document.js";
import { saveTextProgress, type TextFile, textFileOf } from "./text-files.js";

/** Bytes of a rollout that are indexed in one step: between two turns of the event loop, saved in one transaction. */
const STEP_BYTES = 4 * 1024 * 1024;

/** What a step came to: how many bytes it read, and whether the rollout is in the index as it is now. */
export interface TextStep {
  readonly bytes: number;
  readonly isDone: boolean;
}

/** Indexes the next messages of a rollout. One that is gone meanwhile is done. */
export function indexText({ files, home, index }: IndexContext, path: string): TextStep {
  const rollout = rolloutAt(index, path);
  using file = rollout && disposable(openRollout(files, `${home}/${path}`));
  if (!rollout || !file?.file) return { bytes: 0, isDone: true };
  const { size } = file.file.status();
  const known = textFileOf(index, rollout);
  const before = known && isContinued(known, size, (end) => fingerprintOf(file.file, end)) ? known : undefined;
  const start = before?.readTo ?? 0;
  const made = new DocumentMaker();
  let end = start;
  let lines = before?.lines ?? 0;
  const stopped = readLines(file.file, { start, end: size }, (line) => {
    if (line.offset - start >= STEP_BYTES) return false;
    // A last line that is no record yet may become one.
    if (!line.isClosed && !isBlank(line) && readRecord(line) === null) return false;
    end = line.offset + line.end - line.start + (line.isClosed ? 1 : 0);
    if (isBlank(line)) return true;
    made.add({ start: line.offset, end, firstLine: lines }, messageTexts(line));
    lines += 1;
    return true;
  });
  made.close();
  const isRead = stopped >= size || stopped - start < STEP_BYTES;
  const fingerprint = fingerprintOf(file.file, end);
  index.transaction(() => saveTextProgress(index, { rollout, before, readTo: end, fingerprint, lines, isRead, made }));
  return { bytes: end - start, isDone: isRead };
}

/** Whether a file still begins with what was read of it. */
function isContinued({ readTo, fingerprint }: TextFile, size: number, print: (end: number) => string): boolean {
  return size >= readTo && print(readTo) === fingerprint;
}

function disposable<T extends { close(): void } | null>(file: T) {
  return { file: file as NonNullable<T>, [Symbol.dispose]: () => file?.close() };
}

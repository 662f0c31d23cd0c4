import type { IndexContext } from "../index/index-context.js";
import { fingerprintOf } from "../rollout/fingerprint.js";
import { isBlank, readRecord } from "../rollout/line-item.js";
import { readLines } from "../rollout/line-reader.js";
import { openRollout } from "../rollout/open-rollout.js";
import type { KnownWords } from "./known-words.js";
import { messageTexts } from "./message-texts.js";
import { DocumentMaker } from "./text-document.js";
import { type RolloutState, saveTexts, type TextFile, type TextProgress, textFileOf } from "./text-files.js";

/** What is indexed in one step: between two turns of the event loop, saved in one transaction. */
const STEP_BYTES = 4 * 1024 * 1024;
const STEP_FILES = 256;

/** What a step came to: how many bytes it read, and how many of the rollouts are in the index as they are now. */
export interface TextStep {
  readonly bytes: number;
  readonly done: number;
}

/** Indexes the next messages of some rollouts, one after the other, as far as a step goes: all of it in one transaction. */
export function indexTexts(context: IndexContext, rollouts: readonly RolloutState[], words: KnownWords): TextStep {
  const read: TextProgress[] = [];
  let [bytes, done] = [0, 0];
  for (const rollout of rollouts) {
    const progress = readText(context, { rollout, maxBytes: STEP_BYTES - bytes });
    if (progress) {
      read.push(progress);
      bytes += progress.readTo - (progress.before?.readTo ?? 0);
    }
    // One that is gone meanwhile needs no index.
    if (progress && !progress.isRead) break;
    done += 1;
    if (bytes >= STEP_BYTES || read.length >= STEP_FILES) break;
  }
  context.index.transaction(() => saveTexts(context.index, read, words));
  return { bytes, done };
}

/** Reads on in a rollout for so many bytes; null when it is gone. */
function readText(
  { files, home, index }: IndexContext,
  { rollout, maxBytes }: { readonly rollout: RolloutState; readonly maxBytes: number },
): TextProgress | null {
  const file = openRollout(files, `${home}/${rollout.path}`);
  if (!file) return null;
  try {
    const { size } = file.status();
    const known = textFileOf(index, rollout);
    const before = known && isContinued(known, size, (end) => fingerprintOf(file, end)) ? known : undefined;
    const start = before?.readTo ?? 0;
    const made = new DocumentMaker();
    let end = start;
    let lines = before?.lines ?? 0;
    const stopped = readLines(file, { start, end: size }, (line) => {
      if (line.offset - start >= maxBytes) return false;
      // A last line that is no record yet may become one.
      if (!line.isClosed && !isBlank(line) && readRecord(line) === null) return false;
      end = line.offset + line.end - line.start + (line.isClosed ? 1 : 0);
      if (isBlank(line)) return true;
      made.add({ start: line.offset, end, firstLine: lines }, messageTexts(line));
      lines += 1;
      return true;
    });
    made.close();
    const isRead = stopped >= size || stopped - start < maxBytes;
    return { rollout, before, readTo: end, fingerprint: fingerprintOf(file, end), lines, isRead, made };
  } finally {
    file.close();
  }
}

/** Whether a file still begins with what was read of it. */
function isContinued({ readTo, fingerprint }: TextFile, size: number, print: (end: number) => string): boolean {
  return size >= readTo && print(readTo) === fingerprint;
}

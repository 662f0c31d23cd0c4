import type { RolloutRecord } from "@threadstore/core";
import { unavailable } from "@threadstore/core/driver";
import type { OpenFile } from "../file-system/file-system.js";
import type { Lineage } from "../index/lineage.js";
import type { LocalHome } from "../local-home.js";
import { readRecord } from "../rollout/line-item.js";
import { openRollout } from "../rollout/open-rollout.js";
import type { LineRef } from "./item-ref.js";

/** Lines of a page lie close together: a window around a line is read at once. A longer line is read by itself. */
const WINDOW_BYTES = 128 * 1024;
const WINDOW_STEP_BYTES = WINDOW_BYTES / 2;

/** The rollouts of a history, each opened when it is first read. */
export class HistoryFiles implements Disposable {
  readonly lineage: Lineage;
  readonly #home: Pick<LocalHome, "files" | "home">;
  readonly #open = new Map<number, OpenFile>();
  #buffer: Buffer | undefined;
  #window: { readonly part: number; readonly offset: number; readonly bytes: Buffer } | undefined;

  constructor(home: Pick<LocalHome, "files" | "home">, lineage: Lineage) {
    this.#home = home;
    this.lineage = lineage;
  }

  /** @throws `unavailable` the rollout went away since it was found. */
  part(part: number): OpenFile {
    const open = this.#open.get(part);
    if (open) return open;
    const path = this.lineage.parts[part]?.rollout.path ?? "";
    const file = openRollout(this.#home.files, `${this.#home.home}/${path}`);
    if (!file) throw unavailable(`the rollout ${path} was moved or removed while it was read`);
    this.#open.set(part, file);
    return file;
  }

  /** The record of a line; null when there is no such record, because the file was changed since the line was indexed. */
  record(line: LineRef): RolloutRecord | null {
    const { offset, length } = line;
    const isLong = length > WINDOW_STEP_BYTES;
    const window = isLong ? this.#read(line.part, offset, Buffer.allocUnsafe(length)) : this.#windowAt(line);
    const start = offset - window.offset;
    const isWhole = start + length <= window.bytes.length;
    return isWhole ? readRecord({ buffer: window.bytes, start, end: start + length, offset, isClosed: true }) : null;
  }

  /** The window that holds a line, and what lies around it. */
  #windowAt({ part, offset, length }: LineRef) {
    const { part: known, offset: from, bytes } = this.#window ?? { part: -1, offset: 0, bytes: Buffer.alloc(0) };
    if (this.#window && known === part && offset >= from && offset + length <= from + bytes.length) return this.#window;
    const start = offset - (offset % WINDOW_STEP_BYTES);
    this.#buffer ??= Buffer.allocUnsafe(WINDOW_BYTES);
    this.#window = { part, ...this.#read(part, start, this.#buffer) };
    return this.#window;
  }

  /** The bytes from an offset on, as many as the buffer takes. */
  #read(part: number, offset: number, buffer: Buffer) {
    const file = this.part(part);
    const content = file.content?.();
    const bytes = content
      ? content.subarray(offset, offset + buffer.length)
      : buffer.subarray(0, file.read(buffer, offset));
    return { offset, bytes };
  }

  [Symbol.dispose](): void {
    for (const file of this.#open.values()) file.close();
    this.#open.clear();
  }
}

import type { RolloutRecord } from "@threadstore/core";
import { unavailable } from "@threadstore/core/driver";
import type { OpenFile } from "../file-system/file-system.js";
import type { Lineage } from "../index/lineage.js";
import type { LocalHome } from "../local-home.js";
import { readRecord } from "../rollout/line-item.js";
import { openRollout } from "../rollout/open-rollout.js";
import type { LineRef } from "./item-ref.js";

/** Lines up to this size are read into one buffer that is used again; a longer one gets its own. */
const LINE_BUFFER_BYTES = 64 * 1024;

/** The rollouts of a history, each opened when it is first read. */
export class HistoryFiles implements Disposable {
  readonly lineage: Lineage;
  readonly #home: Pick<LocalHome, "files" | "home">;
  readonly #open = new Map<number, OpenFile>();
  readonly #buffer = Buffer.allocUnsafe(LINE_BUFFER_BYTES);

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
  record({ part, offset, length }: LineRef): RolloutRecord | null {
    const buffer = length <= LINE_BUFFER_BYTES ? this.#buffer : Buffer.allocUnsafe(length);
    const count = this.part(part).read(buffer.subarray(0, length), offset);
    return count === length ? readRecord({ buffer, start: 0, end: length, offset, isClosed: true }) : null;
  }

  [Symbol.dispose](): void {
    for (const file of this.#open.values()) file.close();
    this.#open.clear();
  }
}

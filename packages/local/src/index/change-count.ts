/**
 * Counts what may have changed in a home since it was opened. While somebody watches everything that the index is made of, and
 * nothing was counted since the index last looked, the index need not look again.
 */
export class ChangeCount {
  #count = 0;
  #writes = 0;
  /** Whether changes by others are counted too, soon after they happen. */
  isWatched = false;

  /** The count, when it tells all there is to know: null while nobody watches, or while this store itself writes. */
  get complete(): number | null {
    return this.isWatched && this.#writes === 0 ? this.#count : null;
  }

  /** Something may have changed. */
  mark(): void {
    this.#count++;
  }

  /** Does work of this store that may change the home; reads see what it did as soon as it is done. */
  async writing<T>(work: () => Promise<T>): Promise<T> {
    this.#writes++;
    try {
      return await work();
    } finally {
      this.#writes--;
      this.#count++;
    }
  }
}

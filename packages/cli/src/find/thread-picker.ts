import type { ThreadStore } from "@threadstore/core";
import type { ThreadFilterParams } from "../thread-filter-options.js";
import { findRows } from "./find-rows.js";
import {
  FIRST_PICKER_STATE,
  nextPickerState,
  type PickerEvent,
  type PickerOutcome,
  type PickerState,
} from "./picker-state.js";

export interface ThreadPickerOptions {
  readonly filter: ThreadFilterParams;
  /** Called with every state but the first. */
  readonly draw: (state: PickerState) => void;
}

/** Looks for threads while somebody types: what is being looked for is given up as soon as the text is another one. */
export class ThreadPicker {
  readonly #store: ThreadStore;
  readonly #options: ThreadPickerOptions;
  #state = FIRST_PICKER_STATE;
  /** What others change while somebody types is not looked for with every letter. */
  #hasListed = false;
  #looking = new AbortController();
  #looked: Promise<void> = Promise.resolve();
  #end: (outcome: PickerOutcome) => void = () => {};

  constructor(store: ThreadStore, options: ThreadPickerOptions) {
    this.#store = store;
    this.#options = options;
  }

  get state(): PickerState {
    return this.#state;
  }

  /** Resolves to what was picked. Called once. */
  async pick(): Promise<PickerOutcome> {
    const picked = new Promise<PickerOutcome>((resolve) => {
      this.#end = resolve;
    });
    this.#look();
    const outcome = await picked;
    this.#looking.abort();
    await this.#looked;
    return outcome;
  }

  take(event: PickerEvent): void {
    const before = this.#state;
    this.#state = nextPickerState(before, event);
    if (this.#state === before) return;
    this.#options.draw(this.#state);
    if (this.#state.outcome !== null) this.#end(this.#state.outcome);
    else if (this.#state.query.trim() !== before.query.trim()) this.#look();
  }

  #look(): void {
    this.#looking.abort();
    this.#looking = new AbortController();
    this.#looked = Promise.all([this.#looked, this.#takeFound(this.#looking.signal)]).then(() => undefined);
  }

  async #takeFound(signal: AbortSignal): Promise<void> {
    try {
      const { filter } = this.#options;
      const query = { query: this.#state.query, filter, useIndexOnly: this.#hasListed, signal };
      for await (const found of findRows(this.#store, query)) {
        this.#hasListed = true;
        if (signal.aborted) return;
        this.take({ type: "found", found });
      }
    } catch (error) {
      if (!signal.aborted) this.take({ type: "failed", problem: (error as Error).message });
    }
  }
}

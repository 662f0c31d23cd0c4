import { createInterface, emitKeypressEvents, type Key } from "node:readline";
import { PassThrough } from "node:stream";
import type { PickerFrame } from "./draw-picker.js";
import { eventOfKey } from "./picker-key.js";
import type { PickerEvent } from "./picker-state.js";

export interface PickerTerminalOptions {
  readonly onEvent: (event: PickerEvent) => void;
  readonly onResize: () => void;
}

/** Another screen, on which lines end at the right edge: what a line leaves out must not stand on the next one. */
const ENTER = "\u001b[?1049h\u001b[?7l";
const LEAVE = "\u001b[?7h\u001b[?25h\u001b[?1049l";
const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
const TOP = "\u001b[H";
const CLEAR_LINE = "\u001b[K";
const CLEAR_BELOW = "\u001b[J";

/** Escape is also how other keys begin: so long it is waited for the rest of them. */
const ESCAPE_WAIT_MS = 50;

/** Some terminals say that they have neither columns nor rows. */
const WIDTH_UNKNOWN = 80;
const HEIGHT_UNKNOWN = 24;

const SIGNALS = ["SIGTERM", "SIGHUP", "SIGINT"] as const;

/** Whether a picker can be drawn: the keys come from standard input, it is drawn on standard error. */
export function hasPickerTerminal(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true && process.env.TERM !== "dumb";
}

/**
 * The terminal while it shows a picker: every key, and a screen of its own. Disposing of it, or the end of the process, brings back
 * what was there. Standard output stays free for what is picked.
 */
export class PickerTerminal implements Disposable {
  readonly #options: PickerTerminalOptions;
  readonly #keySettings = createInterface({ input: new PassThrough(), escapeCodeTimeout: ESCAPE_WAIT_MS });
  readonly #onKey = (text: string | undefined, key: Key) => {
    const event = eventOfKey(text, key);
    if (event !== null) this.#options.onEvent(event);
  };
  readonly #leave = () => this.#options.onEvent({ type: "left" });
  readonly #restore = () => {
    process.stderr.write(LEAVE);
    process.stdin.setRawMode(false);
  };

  constructor(options: PickerTerminalOptions) {
    this.#options = options;
  }

  get size(): { readonly width: number; readonly height: number } {
    return { width: process.stderr.columns || WIDTH_UNKNOWN, height: process.stderr.rows || HEIGHT_UNKNOWN };
  }

  /** Takes the terminal over. */
  open(): void {
    process.on("exit", this.#restore);
    for (const signal of SIGNALS) process.on(signal, this.#leave);
    process.stderr.on("resize", this.#options.onResize);
    process.stdin.setRawMode(true);
    emitKeypressEvents(process.stdin, this.#keySettings);
    process.stdin.on("keypress", this.#onKey);
    process.stdin.on("end", this.#leave);
    process.stdin.resume();
    process.stderr.write(ENTER);
  }

  draw({ prompt, lines }: PickerFrame): void {
    const below = lines.map((line) => `\r\n${line}${CLEAR_LINE}`).join("");
    process.stderr.write(
      `${HIDE_CURSOR}${TOP}${CLEAR_LINE}${below}${CLEAR_BELOW}${TOP}${prompt}${CLEAR_LINE}${SHOW_CURSOR}`,
    );
  }

  [Symbol.dispose](): void {
    process.stdin.pause();
    process.stdin.off("end", this.#leave);
    process.stdin.off("keypress", this.#onKey);
    process.stderr.off("resize", this.#options.onResize);
    for (const signal of SIGNALS) process.off(signal, this.#leave);
    process.off("exit", this.#restore);
    this.#keySettings.close();
    this.#restore();
  }
}

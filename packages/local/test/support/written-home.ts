import * as fs from "node:fs";
import { join, relative } from "node:path";
import { ManualClock } from "@threadstore/conformance";
import type { CreateThreadParams, RolloutItem, ThreadStore, ThreadStoreErrorCode } from "@threadstore/core";
import { type LocalThreadStoreOptions, openLocalThreadStore } from "@threadstore/local";
import { expect } from "vitest";
import { makeHome } from "./write-home.js";

/** A home of its own, the stores that write it, and a look at what they leave on the disk. */
export class WrittenHome implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly #home = makeHome();
  readonly #opened: ThreadStore[] = [];

  get path(): string {
    return this.#home.path;
  }

  open(options: Partial<LocalThreadStoreOptions> = {}): ThreadStore {
    const store = openLocalThreadStore({ home: this.path, clock: this.clock, ...options });
    this.#opened.push(store);
    return store;
  }

  /** Every file below a folder, relative to the home, sorted. */
  list(folder = ""): string[] {
    const from = join(this.path, folder);
    if (!fs.existsSync(from)) return [];
    const entries = fs.readdirSync(from, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory());
    return files.map((entry) => relative(this.path, join(entry.parentPath, entry.name))).sort();
  }

  /** The rollouts, active ones before archived ones. */
  rollouts(): string[] {
    return [...this.list("sessions"), ...this.list("archived_sessions")];
  }

  read(path: string): string {
    return fs.readFileSync(join(this.path, path), "utf8");
  }

  write(path: string, text: string): void {
    fs.mkdirSync(join(this.path, path, ".."), { recursive: true });
    fs.writeFileSync(join(this.path, path), text);
  }

  /** The objects of a file of JSON lines. */
  lines(path: string): Line[] {
    return this.read(path)
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Line);
  }

  /** The only rollout of the home. */
  get rollout(): string {
    const [path, ...others] = this.rollouts();
    expect(others).toEqual([]);
    return path as string;
  }

  /** Permissions of a file or folder, as in `chmod`. */
  mode(path: string): string {
    return (fs.statSync(join(this.path, path)).mode & 0o777).toString(8);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const store of this.#opened) await store[Symbol.asyncDispose]();
    this.#home.remove();
  }
}

export interface Line {
  readonly timestamp: string;
  readonly ordinal?: number;
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export function threadId(number: number): string {
  return `01900000-0000-7000-8000-${String(number).padStart(12, "0")}`;
}

export const METADATA: CreateThreadParams["metadata"] = {
  cwd: "/project",
  originator: "test",
  cliVersion: "1.0.0",
  source: "vscode",
  modelProvider: "provider",
};

/** A message that paginated and legacy threads keep alike. */
export function message(text: string): RolloutItem {
  return {
    type: "response_item",
    payload: { type: "message", role: "user", content: [{ type: "input_text", text }] },
  };
}

/** Creates a thread with one message in it, and shuts it down. */
export async function writeThread(store: ThreadStore, params: Partial<CreateThreadParams> = {}): Promise<string> {
  const id = params.threadId ?? threadId(1);
  await store.createThread({ metadata: METADATA, ...params, threadId: id });
  await store.appendItems({ threadId: id, items: [message("one")] });
  await store.shutdownThread(id);
  return id;
}

/** The code a call is refused with. */
export async function codeOf(call: Promise<unknown>): Promise<ThreadStoreErrorCode | "no error"> {
  return call.then(
    () => "no error",
    (error: { readonly code: ThreadStoreErrorCode }) => error.code,
  );
}

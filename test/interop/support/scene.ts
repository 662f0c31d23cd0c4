import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ThreadStore } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { type FakeResponsesServer, startFakeResponsesServer } from "../../support/fake-responses-server.js";
import { type AppServerClient, startAppServer } from "./app-server-client.js";
import { type CodexVersion, ensureCodex } from "./codex-binary.js";
import { type CodexHome, createCodexHome } from "./codex-home.js";
import { transcribeStore } from "./transcribed-store.js";
import { Transcript } from "./transcript.js";

export interface TellOptions {
  /** False keeps out of the transcript what comes out otherwise in each run. Default true. */
  readonly isTold?: boolean;
}

/** What each test of a file works with: a home of its own, and one transcript for the file. */
export class Scene {
  readonly transcript: Transcript;
  readonly #commands: ReadonlyMap<CodexVersion, string>;
  readonly #opened: AsyncDisposable[] = [];
  #provider: FakeResponsesServer | undefined;
  #home: CodexHome | undefined;

  constructor(transcript: Transcript, commands: ReadonlyMap<CodexVersion, string>) {
    this.transcript = transcript;
    this.#commands = commands;
  }

  get home(): CodexHome {
    if (!this.#home) throw new Error("a test is running only after beforeEach");
    return this.#home;
  }

  get provider(): FakeResponsesServer {
    if (!this.#provider) throw new Error("a test is running only after beforeEach");
    return this.#provider;
  }

  commandOf(version: CodexVersion): string {
    const command = this.#commands.get(version);
    if (command === undefined) throw new Error(`Codex ${version} was not asked for by this file`);
    return command;
  }

  async set(title: string): Promise<void> {
    this.transcript.heading(title);
    this.#provider = await startFakeResponsesServer();
    this.#home = await createCodexHome({ providerUrl: this.#provider.url });
    this.transcript.label(this.#home.path, "home");
    this.transcript.label(this.#home.workspace, "workspace");
  }

  async clear(): Promise<void> {
    for (const opened of this.#opened.splice(0)) await opened[Symbol.asyncDispose]();
    await this.provider.close();
    await this.home.remove();
  }

  /** Starts the real Codex over the home; it is killed after the test when it still runs. */
  async start(version: CodexVersion = "0.169.0", { isTold = true }: TellOptions = {}): Promise<AppServerClient> {
    this.transcript.step(`start ${version}`);
    const options = { command: this.commandOf(version), home: this.home };
    const client = await startAppServer(isTold ? { ...options, transcript: this.transcript } : options);
    this.#opened.push(client);
    return client;
  }

  /** Opens a store of ours over the home; it is closed after the test. */
  openStore({ isTold = true }: TellOptions = {}): ThreadStore {
    const store = openLocalThreadStore({ home: this.home.path });
    this.#opened.push(store);
    return isTold ? transcribeStore(store, this.transcript) : store;
  }
}

/** Sets a scene for each test of a file, which is told in `transcripts/<name>.txt`. */
export function useScene(name: string, versions: readonly CodexVersion[] = ["0.169.0"]): Scene {
  const path = fileURLToPath(new URL(`../transcripts/${name}.txt`, import.meta.url));
  const commands = new Map<CodexVersion, string>();
  const scene = new Scene(new Transcript({ path }), commands);
  beforeAll(async () => {
    for (const version of versions) commands.set(version, await ensureCodex(version));
  });
  beforeEach(({ task }) => scene.set(task.name));
  afterEach(() => scene.clear());
  afterAll(() => {
    expect(readFileSync(path, "utf8")).not.toContain("threadstore-codex-");
  });
  return scene;
}

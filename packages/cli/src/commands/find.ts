import { type ThreadStore, ThreadStoreError } from "@threadstore/core";
import type { Command } from "commander";
import { drawPicker } from "../find/draw-picker.js";
import type { PickerOutcome } from "../find/picker-state.js";
import { hasPickerTerminal, PickerTerminal } from "../find/picker-terminal.js";
import { resumeCommand } from "../find/resume-command.js";
import { ThreadPicker } from "../find/thread-picker.js";
import { homeOf, openStore } from "../open-store.js";
import { colorsFor } from "../output/colors.js";
import { writeOut } from "../output/write-out.js";
import { addThreadFilterOptions, type ThreadFilterOptions, threadFilterOf } from "../thread-filter-options.js";
import { showThread } from "./show.js";

export function addFind(program: Command): void {
  const command = program
    .command("find")
    .description("Pick a thread on the terminal, by what it is called or what was said in it, and show it.");
  addThreadFilterOptions(command).action(async (options: ThreadFilterOptions, self: Command) => {
    if (!hasPickerTerminal()) throw withoutTerminal();
    await using store = await openStore(self);
    const outcome = await pickThread(store, options);
    if (outcome.type === "show") await showThread(store, outcome.thread, {});
    if (outcome.type === "resume") await writeOut(`${resumeCommand(outcome.thread.threadId, homeOf(self))}\n`);
  });
}

async function pickThread(store: ThreadStore, options: ThreadFilterOptions): Promise<PickerOutcome> {
  const colors = colorsFor(process.stderr);
  const draw = () => terminal.draw(drawPicker(picker.state, { colors, nowMs: Date.now(), ...terminal.size }));
  const picker = new ThreadPicker(store, { filter: threadFilterOf(options), draw });
  using terminal = new PickerTerminal({ onEvent: (event) => picker.take(event), onResize: draw });
  terminal.open();
  draw();
  return await picker.pick();
}

function withoutTerminal(): ThreadStoreError {
  return new ThreadStoreError("invalid_request", "find needs a terminal; threadstore search TERM works without one");
}

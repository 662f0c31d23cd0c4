import { isHarnessText, type ResponseItem } from "@threadstore/core";
import type { Compaction } from "@threadstore/runtime";
import { wholeCharacters } from "../tool/bounded-output.js";

/** What the model is asked in order to compact a thread. */
const COMPACTION_PROMPT =
  "The conversation above is about to be cut short, and somebody else goes on with it who will see only what you write now. " +
  "Write down what they need: what the user wants and has decided, what was done and found out so far (with names, paths and numbers), " +
  "what is open, and what to do next. Be brief and exact. Answer with these notes alone.";

/** Stands before the notes in the shortened history. */
const SUMMARY_PREFIX = "The conversation so far was cut short. These are the notes of the one who led it until now:";

/** Rules of the folder that the harness tells once: the model has to know them from now on too. */
const RULES_MARK = "# AGENTS.md instructions";

/** What is left of the messages of users, the newest first in rank. */
const USER_TEXT_MAX_CHARACTERS = 80_000;

/** The shortened history: what users said last, as much of it as has room, then the notes. */
export function compactionOf(history: readonly ResponseItem[], notes: string): Compaction {
  const summary = `${SUMMARY_PREFIX}\n${notes}`;
  return { summary, replacementHistory: [...lastUserMessages(history), userMessage(summary)] };
}

/** A request that asks for notes of a history. */
export function compactionInput(history: readonly ResponseItem[]): ResponseItem[] {
  return [...history, userMessage(COMPACTION_PROMPT)];
}

/** A history without its oldest part, and without the outputs of calls that were in it: no model takes those. */
export function withoutOldest(history: readonly ResponseItem[]): ResponseItem[] {
  const kept = history.slice(Math.ceil(history.length / 4));
  const calls = new Set(kept.flatMap(({ type, call_id }) => (type.endsWith("_call") ? [call_id] : [])));
  return kept.filter(({ type, call_id }) => !type.endsWith("_output") || calls.has(call_id));
}

function lastUserMessages(history: readonly ResponseItem[]): ResponseItem[] {
  const kept: ResponseItem[] = [];
  let left = USER_TEXT_MAX_CHARACTERS;
  for (const item of [...history].reverse()) {
    const text = userText(item);
    // Notes of an earlier compaction are in the new ones.
    if (text === null || text.startsWith(SUMMARY_PREFIX)) continue;
    if (text.length > left) {
      if (left > 0) kept.push(userMessage(wholeCharacters(text.slice(text.length - left))));
      break;
    }
    kept.push(item);
    left -= text.length;
  }
  return kept.reverse();
}

/** What a user said, or what rules there are; null for other items, and for what else the harness says in the user's role. */
function userText({ type, role, content }: ResponseItem): string | null {
  if (type !== "message" || role !== "user" || !Array.isArray(content)) return null;
  const text = content
    .map((part: { readonly text?: unknown }) => (typeof part.text === "string" ? part.text : ""))
    .join("");
  return isHarnessText(text) && !text.startsWith(RULES_MARK) ? null : text;
}

function userMessage(text: string): ResponseItem {
  return { type: "message", role: "user", content: [{ type: "input_text", text }] };
}

import type { ResponseItem } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import { compactionInput, compactionOf, withoutOldest } from "./compaction.js";

const PREFIX = "The conversation so far was cut short. These are the notes of the one who led it until now:";
const MAX_CHARACTERS = 80_000;

function user(text: string): ResponseItem {
  return { type: "message", role: "user", content: [{ type: "input_text", text }] };
}

const agent: ResponseItem = { type: "message", role: "assistant", content: [{ type: "output_text", text: "Hello" }] };

function call(call_id: string): ResponseItem {
  return { type: "function_call", name: "look", arguments: "{}", call_id };
}

function output(call_id: string): ResponseItem {
  return { type: "function_call_output", call_id, output: "seen" };
}

function kept(...history: readonly ResponseItem[]): readonly ResponseItem[] {
  return compactionOf(history, "notes").replacementHistory;
}

const NOTES = user(`${PREFIX}\nnotes`);

describe("compactionOf", () => {
  it("keeps what users said, and the notes after it", () => {
    const thought = { type: "reasoning", summary: [], encrypted_content: "secret" };
    const developer = { type: "message", role: "developer", content: "Be brief." };
    expect(
      compactionOf([developer, user("one"), thought, call("1"), output("1"), agent, user("two")], "notes"),
    ).toStrictEqual({
      summary: `${PREFIX}\nnotes`,
      replacementHistory: [user("one"), user("two"), NOTES],
    });
  });

  it("keeps pictures with what was said of them", () => {
    const content = [
      { type: "input_text", text: "What is this?" },
      { type: "input_image", image_url: "data:image/png;base64,AAAA", detail: "auto" },
    ];
    const picture = { type: "message", role: "user", content };
    expect(kept(picture)).toStrictEqual([picture, NOTES]);
  });

  it.each([
    "<environment_context>\n</environment_context>",
    "<turn_aborted>\nThe user interrupted the turn before.\n</turn_aborted>",
    "<subagent_notification>\n{}\n</subagent_notification>",
    "\n<user_instructions>\nBe brief.\n</user_instructions>",
  ])("leaves out what the harness says in the user's role: %j", (text) => {
    expect(kept(user(text), user("one"))).toStrictEqual([user("one"), NOTES]);
  });

  it.each(["<div> is not closed here", "<T> does not compile", "< 3"])(
    "keeps what a user begins with a <: %s",
    (text) => {
      expect(kept(user(text))).toStrictEqual([user(text), NOTES]);
    },
  );

  it("replaces earlier notes by the new ones", () => {
    expect(kept(user("one"), user(`${PREFIX}\nolder notes`), user("two"))).toStrictEqual([
      user("one"),
      user("two"),
      NOTES,
    ]);
  });

  it("keeps of too many messages the last ones, and the end of the first of these", () => {
    const last = "z".repeat(MAX_CHARACTERS - 3);
    expect(kept(user("far too old"), user("abcdef"), user(last))).toStrictEqual([user("def"), user(last), NOTES]);
    const all = "z".repeat(MAX_CHARACTERS);
    expect(kept(user("abcdef"), user(all))).toStrictEqual([user(all), NOTES]);
  });

  it("never cuts a message within a character", () => {
    const last = "z".repeat(MAX_CHARACTERS - 4);
    expect(kept(user("a😀bcd"), user(last))).toStrictEqual([user("bcd"), user(last), NOTES]);
  });
});

describe("compactionInput", () => {
  it("asks for notes after all that was said", () => {
    const input = compactionInput([user("one"), agent]);
    expect([input.slice(0, 2), input.length, input[2]?.role]).toStrictEqual([[user("one"), agent], 3, "user"]);
  });
});

describe("withoutOldest", () => {
  it("leaves out a quarter, and at least one item", () => {
    const items = ["1", "2", "3", "4", "5", "6", "7", "8"].map(user);
    expect([withoutOldest(items), withoutOldest(items.slice(0, 1))]).toStrictEqual([items.slice(2), []]);
  });

  it("leaves out outputs with their calls, and no others", () => {
    const items = [user("one"), call("1"), call("2"), output("1"), output("2"), agent, user("two"), agent];
    expect(withoutOldest(items)).toStrictEqual([call("2"), output("2"), agent, user("two"), agent]);
  });
});

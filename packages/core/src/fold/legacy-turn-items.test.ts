import { describe, expect, it } from "vitest";
import type { JsonObject } from "../protocol/json-value.js";
import {
  countedItemOf,
  hookPromptFragments,
  LEGACY_ITEM_EVENTS,
  RECORDED_IN_LEGACY,
  reasoningOf,
  toolItemOf,
} from "./legacy-turn-items.js";

/** What an event shows that counts. */
function shown(event: JsonObject): JsonObject | null {
  return countedItemOf(event, "item-1");
}

describe("a user message", () => {
  it("has its text with its elements, then its images, then its files", () => {
    const elements = [{ byte_range: { start: 0, end: 2 }, placeholder: "hi" }];
    expect(
      shown({
        type: "user_message",
        message: " hi ",
        text_elements: elements,
        images: ["https://example.test/a.png", 5],
        local_images: ["a.png", null, "b.png"],
        client_id: "client",
        kind: "plain",
      }),
    ).toStrictEqual({
      type: "UserMessage",
      id: "item-1",
      client_id: "client",
      content: [
        { type: "text", text: " hi ", text_elements: elements },
        { type: "image", image_url: "https://example.test/a.png" },
        { type: "local_image", path: "a.png" },
        { type: "local_image", path: "b.png" },
      ],
    });
  });

  it("without words has no text, and is there all the same", () => {
    const blank = [
      {},
      { message: "" },
      { message: " \n" },
      { message: 5, images: "a", local_images: {}, client_id: 1 },
    ];
    for (const fields of blank) {
      expect(shown({ type: "user_message", ...fields })).toStrictEqual({
        type: "UserMessage",
        id: "item-1",
        content: [],
      });
    }
  });
});

describe("an agent message", () => {
  it("has its text, and the other fields as they are", () => {
    const fields = { phase: "final_answer", memory_citation: { entries: [] }, delivery: null };
    expect(shown({ type: "agent_message", message: "hello", ...fields })).toStrictEqual({
      type: "AgentMessage",
      id: "item-1",
      ...fields,
      content: [{ type: "Text", text: "hello" }],
    });
  });

  it("of white space is one, an empty one is none", () => {
    expect(shown({ type: "agent_message", message: " " })).toStrictEqual({
      type: "AgentMessage",
      id: "item-1",
      content: [{ type: "Text", text: " " }],
    });
    for (const fields of [{}, { message: "" }, { message: 5 }]) {
      expect(shown({ type: "agent_message", ...fields })).toBeNull();
    }
  });
});

describe("reasoning", () => {
  it("is a piece of the summary or of the raw content", () => {
    expect([
      reasoningOf({ type: "agent_reasoning", text: "a" }),
      reasoningOf({ type: "agent_reasoning_raw_content", text: "b" }),
    ]).toStrictEqual([
      { field: "summary_text", text: "a" },
      { field: "raw_content", text: "b" },
    ]);
  });

  it("that is empty, or something else, is none", () => {
    const none: readonly JsonObject[] = [
      { type: "agent_reasoning" },
      { type: "agent_reasoning", text: "" },
      { type: "agent_reasoning_raw_content", text: null },
      { type: "agent_reasoning_section_break", text: "a" },
      { text: "a" },
    ];
    expect(none.map(reasoningOf)).toStrictEqual([null, null, null, null, null]);
  });
});

describe("a tool", () => {
  it("has the id of its call in place of it, and no turn", () => {
    const fields = { command: ["ls"], exit_code: 0, id: "other", type_of: 1 };
    expect(toolItemOf({ type: "exec_command_end", call_id: "call", turn_id: "t", ...fields })).toStrictEqual({
      ...fields,
      type: "CommandExecution",
      id: "call",
    });
  });

  it("without the id of its call, or of an unknown kind, is none", () => {
    const none: readonly JsonObject[] = [
      { type: "exec_command_end" },
      { type: "exec_command_end", call_id: "" },
      { type: "exec_command_end", call_id: 5 },
      { type: "exec_command_begin", call_id: "call" },
      { type: "user_message", call_id: "call" },
      { call_id: "call" },
    ];
    expect(none.map(toolItemOf)).toStrictEqual(none.map(() => null));
  });

  it("is not found under a name that every object has", () => {
    const names = ["toString", "constructor", "__proto__", "hasOwnProperty"];
    expect(names.map((type) => toolItemOf({ type, call_id: "call" }))).toStrictEqual([null, null, null, null]);
  });
});

describe("a hook's prompt", () => {
  const prompt = (run: string, text: string) => `<hook_prompt hook_run_id="${run}">${text}</hook_prompt>`;

  it("is each of the parts of a user's message", () => {
    expect(fragmentsOf(prompt("a", "One"), `\n ${prompt("b", "Two\nlines")} \n`)).toStrictEqual([
      { text: "One", hook_run_id: "a" },
      { text: "Two\nlines", hook_run_id: "b" },
    ]);
  });

  it("may be empty", () => {
    expect(fragmentsOf(prompt("a", ""))).toStrictEqual([{ text: "", hook_run_id: "a" }]);
  });

  it("is none when any part is something else", () => {
    expect(fragmentsOf()).toStrictEqual([]);
    expect(fragmentsOf(prompt("a", "One"), "words")).toStrictEqual([]);
    expect(fragmentsOf(`before ${prompt("a", "One")}`)).toStrictEqual([]);
    expect(fragmentsOf("<hook_prompt>One</hook_prompt>")).toStrictEqual([]);
    expect(hookPromptFragments({ ...message([]), content: [null] })).toStrictEqual([]);
  });

  it("is none in a message of another role or kind, or without a list of parts", () => {
    const whole = message([prompt("a", "One")]);
    const others = [{ role: "assistant" }, { type: "reasoning" }, { content: "text" }, { content: undefined }];
    expect(others.map((fields) => hookPromptFragments({ ...whole, ...fields }))).toStrictEqual([[], [], [], []]);
  });

  it("is none in a part that is no input text, or that names no run", () => {
    const part = { type: "output_text", text: prompt("a", "One") };
    expect(hookPromptFragments({ ...message([]), content: [part] })).toStrictEqual([]);
    expect([fragmentsOf(prompt("", "One")), fragmentsOf(prompt(" ", "One"))]).toStrictEqual([[], []]);
  });

  it("reads what is escaped in it", () => {
    expect(fragmentsOf(prompt("a&quot;b", "1 &lt; 2 &amp;&amp; 3 &gt; 2"))).toStrictEqual([
      { text: "1 < 2 && 3 > 2", hook_run_id: 'a"b' },
    ]);
  });

  function message(texts: readonly string[]): JsonObject {
    return { type: "message", role: "user", content: texts.map((text) => ({ type: "input_text", text })) };
  }

  function fragmentsOf(...texts: readonly string[]): readonly JsonObject[] {
    return hookPromptFragments(message(texts));
  }
});

describe("the events of legacy turn items", () => {
  it("are those that show something, each once", () => {
    const fields = { call_id: "call", message: "a", text: "a" };
    const known = LEGACY_ITEM_EVENTS.filter((type) => {
      const event = { type, ...fields };
      return shown(event) ?? reasoningOf(event) ?? toolItemOf(event);
    });
    expect(known).toStrictEqual([...new Set(LEGACY_ITEM_EVENTS)]);
  });

  it("leave to recorded items what no event tells", () => {
    expect(["Plan", "Sleep", "Extension"].filter((type) => !RECORDED_IN_LEGACY.has(type))).toStrictEqual([]);
    expect(["UserMessage", "AgentMessage", "Reasoning"].filter((type) => RECORDED_IN_LEGACY.has(type))).toStrictEqual(
      [],
    );
  });
});

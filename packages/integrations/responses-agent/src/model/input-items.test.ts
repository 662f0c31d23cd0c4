import { describe, expect, it } from "vitest";
import { inputItems } from "./input-items.js";

describe("inputItems", () => {
  it("tells messages without what only their recorder knows", () => {
    const user = { type: "message", id: "m1", role: "user", content: [{ type: "input_text", text: "Hi", extra: 1 }] };
    const agent = {
      type: "message",
      id: "m2",
      role: "assistant",
      status: "completed",
      phase: "final_answer",
      content: [{ type: "output_text", text: "Hello", annotations: [{ type: "url_citation" }], logprobs: [] }],
    };
    expect(inputItems([user, agent])).toStrictEqual([
      { type: "message", role: "user", content: [{ type: "input_text", text: "Hi" }] },
      {
        type: "message",
        role: "assistant",
        phase: "final_answer",
        content: [{ type: "output_text", text: "Hello", annotations: [] }],
      },
    ]);
  });

  it("keeps a text as it is, and parts of other kinds", () => {
    const content = [
      { type: "input_image", image_url: "data:image/png;base64,AAAA" },
      { type: "input_image", file_id: "file_1", detail: "low" },
      { type: "input_file", file_id: "file_2" },
      { type: "refusal", refusal: "No." },
    ];
    const items = [
      { type: "message", role: "developer", content: "Be brief." },
      { type: "message", role: "user", content },
    ];
    expect(inputItems(items)).toStrictEqual([
      items[0],
      {
        type: "message",
        role: "user",
        content: [
          { type: "input_image", image_url: "data:image/png;base64,AAAA", detail: "auto" },
          ...content.slice(1),
        ],
      },
    ]);
  });

  it("tells thoughts that the provider can read again, and no others", () => {
    const summary = [{ type: "summary_text", text: "of it" }];
    const thoughts = [
      { type: "reasoning", id: "rs_1", summary, content: null, encrypted_content: "secret" },
      { type: "reasoning", id: "rs_2", summary, content: null, encrypted_content: null },
      { type: "reasoning", id: "rs_3", summary },
    ];
    expect(inputItems(thoughts)).toStrictEqual([{ type: "reasoning", summary, encrypted_content: "secret" }]);
  });

  it("tells calls and outputs with the ids that join them", () => {
    const parts = [{ type: "input_image", image_url: "data:," }];
    const items = [
      { type: "function_call", id: "fc_1", name: "look", arguments: "{}", call_id: "call_1", status: "completed" },
      { type: "function_call_output", id: "o_1", call_id: "call_1", output: parts, success: true },
      { type: "custom_tool_call", id: "ct_1", name: "patch", input: "…", call_id: "call_2", status: "completed" },
      { type: "custom_tool_call_output", call_id: "call_2", output: "done" },
    ];
    expect(inputItems(items)).toStrictEqual([
      { type: "function_call", name: "look", arguments: "{}", call_id: "call_1" },
      { type: "function_call_output", call_id: "call_1", output: parts },
      { type: "custom_tool_call", name: "patch", input: "…", call_id: "call_2" },
      { type: "custom_tool_call_output", call_id: "call_2", output: "done" },
    ]);
  });

  it("tells what a provider compacted, and leaves kinds out that it does not know", () => {
    const items = [
      { type: "compaction", id: "c_1", encrypted_content: "secret" },
      { type: "ghost_snapshot", ghost_commit: {} },
      { type: "of_a_later_time" },
    ];
    expect(inputItems(items)).toStrictEqual([{ type: "compaction", encrypted_content: "secret" }]);
  });
});

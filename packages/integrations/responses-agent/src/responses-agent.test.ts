import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { responsesAgent } from "./responses-agent.js";
import type { FunctionTool } from "./tool/function-tool.js";

function tool(name: string): FunctionTool {
  return { name, description: "", parameters: {}, run: () => "" };
}

describe("responsesAgent", () => {
  it("refuses tools that have one name", () => {
    const client = new OpenAI({ apiKey: "none" });
    expect(() => responsesAgent({ client, tools: [tool("look"), tool("look")] })).toThrow(TypeError);
  });
});
